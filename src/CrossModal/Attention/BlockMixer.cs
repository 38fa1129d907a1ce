using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>Each query and head attends to the blocks of 16 patches whose mean key scores highest for it, and to all words (as Lu et al.
/// 2025, MoBA).</summary>
/// <remarks>A sixteenth of the scores is computed to choose. Masks must be the same for all queries.</remarks>
/// <param name="blocks">How many blocks.</param>
internal sealed class BlockMixer(int blocks) : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass) =>
        pass.BlockSparseAttention(call.Query, call.Key, call.Values(null), call.Heads, new KeyBlocks(blocks) { Words = call.Sides.Words },
            call.Mask?.Scores, call.Options);
}
