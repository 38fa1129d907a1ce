using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>softmax(Q Kᵀ · scale + mask) V per head (Vaswani et al. 2017, eq. 1), with a streamed softmax: memory is linear in
/// tokens.</summary>
/// <param name="heads">Number of heads H.</param>
/// <param name="options">What all attention has in common.</param>
internal sealed class AttentionOp(int heads, AttendingOptions options) : AttendingOperation(heads, options)
{
    /// <inheritdoc/>
    public override Shape[] Saved(ReadOnlySpan<Shape> inputs)
    {
        var (batch, queries, keys) = (inputs[0][0], inputs[0][1], inputs[1][1]);
        if (Options.Dropout != 0) return [[batch, Heads, queries, keys]];

        // The exponentials of short rows: reading them costs less than computing them again.
        var kept = AttentionKernel.KeptSize(queries, keys);
        return kept == 0 ? [] : [[batch, Heads, checked((int)kept)]];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) =>
        (double)inputs[0][0] * inputs[0][1] * inputs[1][1] * (2.0 * (inputs[0][2] + inputs[2][2]) + 4 * Heads);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var s = Sizes(node);
        var targets = Targets(node, gradients);
        var drops = Options.Dropout != 0;
        AttentionKernel.Backward(s, Scale(s), node.Input(0), Heads * s.HeadDim, node.Input(1), Heads * s.HeadDim, node.Input(2),
            Heads * s.ValueDim,
            Mask(node), MaskShape(node), drops ? node.SavedSpan(0) : default, gradients.Output, targets.Q, targets.K, targets.V,
                targets.Mask, node.Workers,
            drops ? default : node.SavedSpan(0));
    }

    internal override bool TakesColumns => true;

    internal override void Attend(in AttendingCall call)
    {
        var s = call.Shape;
        Span<float> factors = default, kept = call.Saved;
        if (Options.Dropout != 0)
        {
            // Without a saved tensor nobody asks for gradients; factors of a forward alone are not kept.
            factors = kept.IsEmpty ? new float[s.Batch * Heads * s.Queries * s.Keys] : kept;
            kept = default;
            DropoutOp.Factors(Options.Dropout, call.Seed, factors);
        }

        AttentionKernel.Forward(s, Scale(s), call.Q.Span, call.Q.Row, call.K.Span, call.K.Row, call.V.Span, call.V.Row, call.Mask,
            call.MaskShape, factors,
            call.Output, call.Weights, call.Workers, kept, call.SumsInPieces ? AttentionKernel.ShortScorePiece : int.MaxValue);
    }

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, Tensor? mask,
        AttendingOptions? options) =>
        Apply(pass, options, o => new AttentionOp(heads, o), mask, query, key, value);
}

public static partial class Operations
{
    /// <summary>Multi-head attention of projected queries, keys and values; weights are dropped at random in training only.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>, −∞ where nothing may be attended; or null.</param>
    /// <param name="options">Scale, dropout, and what to show.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> before dropout (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public static (Tensor Result, Tensor? Weights) Attention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads,
        Tensor? mask = null, AttendingOptions? options = null) => AttentionOp.Of(pass, query, key, value, heads, mask, options);
}
