using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>Queries compete for every key by a softmax over the queries; rows are then divided by their sums (Locatello et al. 2020, Slot
/// Attention; lucidrains' Perceiver with <c>inverted_cross_attn</c>).</summary>
/// <remarks>Queries that are padding do not compete. No weight is dropped in training.</remarks>
internal sealed class InvertedMixer : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass)
    {
        var (mask, asking) = (call.Mask?.Scores, (call.Sides.QueryMask ?? (call.Own ? call.Mask : null))?.Scores);
        if (asking is not null)
        {
            // [B, 1, 1, Nq] → [B, 1, Nq, Nk]
            var (batch, queries, keys) = (asking.Shape[0], asking.Shape[3], call.Key.Shape[1]);
            var rows = pass.Expand(pass.Reshape(asking, [batch, 1, queries, 1]), [batch, 1, queries, keys]);
            mask = mask is null ? rows : pass.Add(rows, mask);
        }

        return pass.InvertedAttention(call.Query, call.Key, call.Values(null), call.Heads, mask, call.Options);
    }
}
