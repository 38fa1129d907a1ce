using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>φ(q)·φ(k) with φ = elu + 1 in place of e^(q·k/√D): keys and values are summed up once, for all queries (Katharopoulos et al.
/// 2020).</summary>
/// <remarks>Masks must be the same for all queries: they multiply φ(k), by 0 for padding. No weight is dropped in training.</remarks>
internal sealed class LinearMixer : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass) =>
        pass.LinearAttention(call.Query, call.Key, call.Values(null), call.Heads, call.Mask?.Scores, call.Options);
}
