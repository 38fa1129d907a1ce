using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>Softmax over all keys (Vaswani et al. 2017, eq. 1).</summary>
internal sealed class SoftmaxMixer : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass) =>
        pass.Attention(call.Query, call.Key, call.Values(null), call.Heads, call.Mask?.Scores, call.Options);
}
