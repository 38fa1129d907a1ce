using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>The patches of a frame that get most of the attention are kept, all others dropped before their values are made
/// (as Chen et al. 2024, FastV, within one layer).</summary>
/// <remarks>What counts is the mean over heads and real queries of the softmax weights; words are always kept. Then attention is over the
/// kept alone, the same for all queries and heads: values of the dropped are neither projected nor summed. All views of a frame
/// compete.</remarks>
/// <param name="patches">How many patches are kept.</param>
internal sealed class PruningMixer(int patches) : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass)
    {
        var kept = pass.MostAttended(call.Query, call.Key, call.Heads, new KeptKeys(patches, call.Sides.Words), call.Mask?.Scores,
            call.Sides.QueryMask?.Scores);
        return pass.PrunedAttention(call.Query, call.Key, new KeptValues(call.Values(kept), kept), call.Heads, call.Mask?.Scores,
            call.Options);
    }
}
