using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>Each query and head attends to the keys whose score is at least its k-th largest; ties survive (Zhao et al. 2019, Explicit
/// Sparse Transformer).</summary>
/// <remarks>All scores are computed, to choose; what is saved is the softmax and the sum over values.</remarks>
/// <param name="k">How many keys, at least.</param>
internal sealed class TopKMixer(int k) : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass) =>
        pass.TopKAttention(call.Query, call.Key, call.Values(null), call.Heads, k, call.Mask?.Scores, call.Options);
}
