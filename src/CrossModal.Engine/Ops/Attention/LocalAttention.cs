using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Attention to a square window of patches and to all words (Beltagy et al. 2020, Longformer, on a grid).</summary>
/// <remarks>Where queries are the keys themselves, a patch attends to its neighbours and a word to everything. A query from elsewhere, such
/// as a word, attends around the patch that scores highest for it, in each head: all scores are computed, to find it.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="layout">Where the keys lie.</param>
/// <param name="radius">Rows and columns to each side; the window is 2·radius + 1 wide.</param>
/// <param name="own">Whether query i is key i.</param>
/// <param name="options">What all attention has in common.</param>
internal sealed class LocalAttentionOp(int heads, KeyLayout layout, int radius, bool own, AttendingOptions options)
    : SparseAttentionOperation(heads, options)
{
    // Beyond every grid; sums with it do not overflow.
    private const int FarthestNeighbour = 1 << 16;

    /// <summary>Where the keys lie.</summary>
    public KeyLayout Layout { get; } = layout;

    /// <summary>Rows and columns to each side.</summary>
    public int Radius { get; } = radius >= 0 ? Math.Min(radius, FarthestNeighbour)
        : throw new ShapeException("LocalAttention", $"the radius must not be negative, got {radius}");

    /// <summary>Whether query i is key i.</summary>
    public bool Own { get; } = own;

    internal override void Attend(in AttendingCall call) => Run(call, Choice, default(DotScore));

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBack(node, gradients, Choice, default(DotScore));

    private GridWindow Choice => new(Layout.Grid, Radius, Own);

    private protected override void CheckValues(ReadOnlySpan<Shape> inputs)
    {
        base.CheckValues(inputs);
        Layout.Check(Name, inputs[1][1]);
        if (Own && inputs[0][1] != inputs[1][1])
            throw Error($"queries are not the keys: q{inputs[0]} has {inputs[0][1]}, k{inputs[1]} has {inputs[1][1]}");
    }

    private protected override double Pairs(in AttentionShape s)
    {
        var grid = Layout.Grid;
        var patches = s.Keys - grid.Words;
        if (!Own) return s.Queries * (grid.Words + Math.Min(Math.Min(grid.Cells, patches), Math.Pow(2.0 * Radius + 1, 2)));
        return (double)grid.Words * s.Keys + (double)patches * grid.Words + patches / grid.Cells * grid.Neighbours(Radius);
    }

    private protected override double Choosing(in AttentionShape s) => Own ? 0 : (double)s.Queries * s.Keys * (2.0 * s.HeadDim + 1);

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, LocalWindow window,
        Tensor? mask,
        AttendingOptions? options) =>
            Apply(pass, options, o => new LocalAttentionOp(heads, window.Layout, window.Radius, window.Own, o), mask, query, key, value);
}

/// <summary>A window on a grid of patches.</summary>
/// <param name="Layout">Where the keys lie.</param>
/// <param name="Radius">Rows and columns to each side.</param>
/// <param name="Own">Whether query i is key i, and attends around its own place.</param>
internal readonly record struct LocalWindow(KeyLayout Layout, int Radius, bool Own);

public static partial class Operations
{
    /// <summary>Attention of every query to a window of patches, around its own place or around the patch that scores highest, and to all
    /// words.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="window">The window.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>, −∞ where nothing may be attended; or null.</param>
    /// <param name="options">Scale, dropout, and what to show.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or the keys are not words and whole views.</exception>
    internal static (Tensor Result, Tensor? Weights) LocalAttention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads,
        LocalWindow window,
        Tensor? mask = null, AttendingOptions? options = null) =>
            LocalAttentionOp.Of(pass, query, key, value, heads, window, mask, options);
}
