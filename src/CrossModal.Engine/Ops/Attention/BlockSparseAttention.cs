using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Attention to the blocks of patches whose mean key scores highest for the query, and to all words (as Lu et al. 2025, MoBA,
/// without causality).</summary>
/// <remarks>Blocks are runs of adjacent patches. Masks must be the same for all queries; masked keys do not count in a mean.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="blocks">Blocks a query attends to, of each head.</param>
/// <param name="size">Patches of a block; the last may have fewer.</param>
/// <param name="words">Keys before the patches.</param>
/// <param name="options">What all attention has in common.</param>
internal sealed class BlockSparseAttentionOp(int heads, int blocks, int size, int words, AttendingOptions options)
    : SparseAttentionOperation(heads, options)
{
    /// <summary>Blocks a query attends to.</summary>
    public int Blocks { get; } = blocks > 0 ? blocks
        : throw new ShapeException("BlockSparseAttention", $"needs at least one block, got {blocks}");

    /// <summary>Patches of a block.</summary>
    public int Size { get; } = size > 0 ? size
        : throw new ShapeException("BlockSparseAttention", $"a block needs at least one patch, got {size}");

    /// <summary>Keys before the patches.</summary>
    public int Words { get; } = words;

    internal override void Attend(in AttendingCall call) => Run(call, new BestBlocks(Words, Size, Blocks), default(DotScore));

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        RunBack(node, gradients, new BestBlocks(Words, Size, Blocks), default(DotScore));

    private protected override bool SameForAllQueries => true;

    private protected override void CheckValues(ReadOnlySpan<Shape> inputs)
    {
        base.CheckValues(inputs);
        if (Words < 0 || Words > inputs[1][1]) throw Error($"{Words} words are not among the keys of k{inputs[1]}");
    }

    private protected override double Pairs(in AttentionShape s) => (double)s.Queries * Math.Min(s.Keys, Words + (double)Blocks * Size);

    private protected override double Choosing(in AttentionShape s)
    {
        double summaries = BestBlocks.Count(s.Keys, Words, Size);
        return (s.Keys - Words) * (double)s.HeadDim + s.Queries * summaries * (2.0 * s.HeadDim + 1);
    }

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, KeyBlocks blocks,
        Tensor? mask,
        AttendingOptions? options) =>
            Apply(pass, options, o => new BlockSparseAttentionOp(heads, blocks.Kept, blocks.Size, blocks.Words, o), mask, query, key,
            value);
}

/// <summary>Blocks of keys.</summary>
/// <param name="Kept">Blocks a query attends to.</param>
/// <param name="Size">Patches of a block.</param>
/// <param name="Words">Keys before the patches, which everything attends to.</param>
internal readonly record struct KeyBlocks(int Kept, int Size = 16, int Words = 0);

public static partial class Operations
{
    /// <summary>Attention of every query to the blocks of patches whose mean key scores highest for it, and to all words.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="blocks">How many blocks, and how large.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, 1, Nk]</c>, −∞ where nothing may be attended; or null.</param>
    /// <param name="options">Scale, dropout, and what to show.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    internal static (Tensor Result, Tensor? Weights) BlockSparseAttention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads,
        KeyBlocks blocks,
        Tensor? mask = null, AttendingOptions? options = null) =>
            BlockSparseAttentionOp.Of(pass, query, key, value, heads, blocks, mask, options);
}
