using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>softmax(LeakyReLU(uᵢ + wⱼ) + mask) V over the neighbours of a graph, per head (Veličković et al. 2018, eq. 3, GAT).</summary>
/// <remarks>u and w are what a head's vector a makes of query and key: u = a₁ᵀWh, w = a₂ᵀWh. The graph is a window on the grid of patches
/// (words are joined with everything), a mask, or both; a pair off the graph is never touched.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="slope">What the LeakyReLU multiplies negative sums by.</param>
/// <param name="window">Joins patches with those around them, query i being key i; null for pairs that a mask alone leaves out.</param>
/// <param name="options">What all attention has in common; the scale is not used.</param>
internal sealed class GraphAttentionOp(int heads, float slope, LocalWindow? window, AttendingOptions options)
    : SparseAttentionOperation(heads, options)
{
    /// <summary>What the LeakyReLU multiplies negative sums by.</summary>
    public float Slope { get; } = slope;

    /// <summary>Joins patches with those around them.</summary>
    public LocalWindow? Window { get; } = window is not { Own: false } ? window
        : throw new ShapeException("GraphAttention", "only queries that are the keys have neighbours on the grid");

    internal override void Attend(in AttendingCall call)
    {
        if (Window is { } w) Run(call, Choice(w), new LeakyScore(Slope));
        else Run(call, default(AllKeys), new LeakyScore(Slope));
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        if (Window is { } w) RunBack(node, gradients, Choice(w), new LeakyScore(Slope));
        else RunBack(node, gradients, default(AllKeys), new LeakyScore(Slope));
    }

    private protected override void CheckValues(ReadOnlySpan<Shape> inputs)
    {
        base.CheckValues(inputs);
        if (inputs[0][2] != Heads)
            throw Error($"needs one number a head, u[B, Nq, {Heads}] and w[B, Nk, {Heads}], got {inputs[0]} and {inputs[1]}");
        if (Window is not { } w) return;
        w.Layout.Check(Name, inputs[1][1]);
        if (inputs[0][1] != inputs[1][1])
            throw Error($"queries are not the keys: u{inputs[0]} has {inputs[0][1]}, w{inputs[1]} has {inputs[1][1]}");
    }

    private protected override double Pairs(in AttentionShape s)
    {
        if (Window is not { } w) return (double)s.Queries * s.Keys;
        var grid = w.Layout.Grid;
        var patches = s.Keys - grid.Words;
        return (double)grid.Words * s.Keys + (double)patches * grid.Words + patches / grid.Cells * grid.Neighbours(w.Radius);
    }

    private protected override double Choosing(in AttentionShape s) => 0;

    private static GridWindow Choice(LocalWindow window) => new(window.Layout.Grid, Math.Min(window.Radius, 1 << 16), true);

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, float slope,
        LocalWindow? window, Tensor? mask,
        AttendingOptions? options) => Apply(pass, options, o => new GraphAttentionOp(heads, slope, window, o), mask, query, key, value);
}

public static partial class Operations
{
    /// <summary>Attention over the neighbours of a graph, by LeakyReLU(u + w) in place of a product.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">u, a number a head for every query, <c>[B, Nq, H]</c>.</param>
    /// <param name="key">w, a number a head for every key, <c>[B, Nk, H]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="slope">What negative sums are multiplied by.</param>
    /// <param name="window">Joins patches with those around them; null for pairs that a mask alone leaves out.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>, −∞ off the graph; or null.</param>
    /// <param name="options">Dropout, and what to show; the scale does not apply.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    internal static (Tensor Result, Tensor? Weights) GraphAttention(this Pass pass, Tensor query, Tensor key, Tensor value,
        float slope = 0.2f,
        LocalWindow? window = null, Tensor? mask = null, AttendingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return GraphAttentionOp.Of(pass, query, key, value, query.Shape[-1], slope, window, mask, options);
    }
}
