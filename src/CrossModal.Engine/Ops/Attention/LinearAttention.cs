using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using Kernel = CrossModal.Engine.Kernels.LinearAttention;

namespace CrossModal.Engine.Ops;

/// <summary>φ(Q)(φ(K)ᵀV) / (φ(Q)Σφ(K) + 1e-6) with φ = elu + 1 (Katharopoulos et al. 2020): work is linear in queries plus keys.</summary>
/// <remarks>Scores are not divided by √D. A mask, the same for all queries, multiplies φ(K) by e^mask: 0 where it is −∞. Weights sum to a
/// little less than 1 for the 1e-6. There are no weights to drop: dropout does not apply.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="options">What all attention has in common; scale and dropout are not used.</param>
internal sealed class LinearAttentionOp(int heads, AttendingOptions options) : AttendingOperation(heads, options with { Dropout = 0 })
{
    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs)
    {
        var s = Sizes(inputs[0], inputs[1], inputs[2]);

        // φ, the sums of keys, the products with values and the divisor.
        return (double)s.Batch * s.Heads * ((double)s.Keys * s.HeadDim * (3 + 2.0 * s.ValueDim)
            + s.Queries * (s.HeadDim * (4 + 2.0 * s.ValueDim) + s.ValueDim));
    }

    internal override void Attend(in AttendingCall call) =>
        Kernel.Forward(call.Shape, call.Q.Span, call.K.Span, call.V.Span, call.Mask, call.MaskShape, call.Output, call.Weights,
            call.Workers);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        Kernel.Backward(Sizes(node), node.Input(0), node.Input(1), node.Input(2), Mask(node), MaskShape(node), gradients.Output,
            Targets(node, gradients), node.Workers);

    private protected override bool SameForAllQueries => true;

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, Tensor? mask,
        AttendingOptions? options) =>
        Apply(pass, options, o => new LinearAttentionOp(heads, o), mask, query, key, value);
}

public static partial class Operations
{
    /// <summary>Attention with φ(q)·φ(k), φ = elu + 1, in place of e^(q·k): linear in tokens.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="mask"><c>[B or 1, H or 1, 1, Nk]</c>: φ of a key is multiplied by e^mask; or null.</param>
    /// <param name="options">What to show; scale and dropout do not apply.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public static (Tensor Result, Tensor? Weights) LinearAttention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads,
        Tensor? mask = null, AttendingOptions? options = null) => LinearAttentionOp.Of(pass, query, key, value, heads, mask, options);
}
