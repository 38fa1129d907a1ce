using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of operations whose queries attend to a chosen few of the keys. The choice has no gradient: it is constant around almost
/// every point.</summary>
internal abstract class SparseAttentionOperation : AttendingOperation
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

    /// <summary>Pairs of a query and a key that are attended to, of one head.</summary>
    private protected abstract double Pairs(in AttentionShape s);

    /// <summary>Operations of choosing, of one head.</summary>
    private protected abstract double Choosing(in AttentionShape s);

    private protected void Run<TChoice, TScore>(in AttendingCall call, TChoice choice, TScore score)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        var s = call.Shape;
        var inputs = new SparseInputs
        {
            Q = call.Q.Span,
            K = call.K.Span,
            V = call.V.Span,
            Mask = call.Mask,
            MaskShape = call.MaskShape,
            Scale = Scale(s),
            Ids = call.Ids,
        };
        SparseAttention.Forward(s, choice, score, inputs, new PairDropout(Options.Dropout, call.Seed), Work(s), call.Output, call.Weights,
            call.Workers);
    }

    private protected void RunBack<TChoice, TScore>(Node node, BackwardStep gradients, TChoice choice, TScore score)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        var s = Sizes(node);
        var inputs = new SparseInputs
        {
            Q = node.Input(0),
            K = node.Input(1),
            V = node.Input(2),
            Mask = Mask(node),
            MaskShape = MaskShape(node),
            Scale = Scale(s),
            Ids = Ids(node),
        };
        SparseAttention.Backward(s, choice, score, inputs, new PairDropout(Options.Dropout, node.DrawnSeed ?? Options.Seed),
            gradients.Output,
            Targets(node, gradients), node.Workers);
    }

    /// <summary>About how many multiply-adds a query and head cost.</summary>
    private double Work(in AttentionShape s) => (Choosing(s) + Pairs(s) * 2.0 * (s.HeadDim + s.ValueDim)) / Math.Max(1, 2 * s.Queries);
}
