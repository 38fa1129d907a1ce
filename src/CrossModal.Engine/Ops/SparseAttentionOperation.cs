using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of operations whose queries look at a chosen few of the keys. The choice has no gradient: it is constant around almost every point.</summary>
public abstract class SparseAttentionOperation : AttendingOperation
{
    private protected SparseAttentionOperation(int heads, AttendingOptions options)
        : base(heads, options)
    {
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs)
    {
        var s = Sizes(inputs[0], inputs[1], inputs[2]);
        return (double)s.Batch * s.Heads * (Choosing(s) + Pairs(s) * (2.0 * (s.HeadDim + s.ValueDim) + 4));
    }

    /// <summary>Pairs of a query and a key that are looked at, of one head.</summary>
    private protected abstract double Pairs(in AttentionShape s);

    /// <summary>Operations of choosing, of one head.</summary>
    private protected abstract double Choosing(in AttentionShape s);

    private protected void Run<TChoice, TScore>(Node node, in AttentionShape s, TChoice choice, TScore score, ReadOnlySpan<float> ids = default)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore =>
        SparseAttention.Forward(s, choice, score, Inputs(node, s, ids), Dropout(node), Work(s), node.Output(), Weights(node), node.Workers);

    private protected void RunBack<TChoice, TScore>(Node node, BackwardStep gradients, in AttentionShape s, TChoice choice, TScore score, ReadOnlySpan<float> ids = default)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore =>
        SparseAttention.Backward(s, choice, score, Inputs(node, s, ids), Dropout(node), gradients.Output, Targets(node, gradients), node.Workers);

    /// <summary>About how many multiply-adds a query and head cost.</summary>
    private double Work(in AttentionShape s) => (Choosing(s) + Pairs(s) * 2.0 * (s.HeadDim + s.ValueDim)) / Math.Max(1, 2 * s.Queries);

    private PairDropout Dropout(Node node) => new(Options.Dropout, node.DrawnSeed ?? Options.Seed);

    private SparseInputs Inputs(Node node, in AttentionShape s, ReadOnlySpan<float> ids) => new()
    {
        Q = node.Input(0), K = node.Input(1), V = node.Input(2), Mask = Mask(node), MaskShape = MaskShape(node), Scale = Scale(s), Ids = ids,
    };
}
