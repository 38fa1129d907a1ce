using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using Kernel = CrossModal.Engine.Kernels.InvertedAttention;

namespace CrossModal.Engine.Ops;

/// <summary>Attention in which queries compete for keys: a softmax over the queries, then rows are divided by their sums (Locatello et al.
/// 2020, Slot Attention, eq. 1 and 2; lucidrains' Perceiver calls it inverted).</summary>
/// <remarks>There is no dropout. Of equal queries each gets an equal share of every key.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="options">What all attention has in common; dropout is not used.</param>
internal sealed class InvertedAttentionOp(int heads, AttendingOptions options) : AttendingOperation(heads, options with { Dropout = 0 })
{
    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) =>
        (double)inputs[0][0] * inputs[0][1] * inputs[1][1] * (2.0 * (inputs[0][2] + inputs[2][2]) + 6 * Heads);

    internal override void Attend(in AttendingCall call) =>
        Kernel.Forward(call.Shape, Scale(call.Shape), call.Q.Span, call.K.Span, call.V.Span, call.Mask, call.MaskShape, call.Output,
            call.Weights, call.Workers);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var s = Sizes(node);
        Kernel.Backward(s, Scale(s), node.Input(0), node.Input(1), node.Input(2), Mask(node), MaskShape(node), gradients.Output,
            Targets(node, gradients), node.Workers);
    }

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, Tensor? mask,
        AttendingOptions? options) =>
        Apply(pass, options, o => new InvertedAttentionOp(heads, o), mask, query, key, value);
}

public static partial class Operations
{
    /// <summary>Attention in which queries compete for keys.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>, −∞ where nothing may be attended; or null.</param>
    /// <param name="options">Scale, and what to show; dropout does not apply.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public static (Tensor Result, Tensor? Weights) InvertedAttention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads,
        Tensor? mask = null, AttendingOptions? options = null) => InvertedAttentionOp.Of(pass, query, key, value, heads, mask, options);
}
