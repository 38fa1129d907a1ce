using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Attention to a few keys of each sample, the same for all queries and heads, whose values alone are given.</summary>
/// <remarks>Inputs: q, k of all keys, v of those kept <c>[B, k, H·Dv]</c>, ids of those kept <c>[B, k]</c>, and perhaps a mask of all keys.
/// The weights shown are over all keys, 0 for those left out.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="kept">How many keys are kept.</param>
/// <param name="options">What all attention has in common.</param>
internal sealed class PrunedAttentionOp(int heads, int kept, AttendingOptions options) : SparseAttentionOperation(heads, options)
{
    /// <summary>How many keys are kept.</summary>
    public int Kept { get; } = kept;

    internal override void Attend(in AttendingCall call)
    {
        foreach (var id in call.Ids)
            if (!(id >= 0 && id < call.Shape.Keys && id == (int)id)) throw Error($"id {id} is not one of {call.Shape.Keys} keys");
        Run(call, default(GivenKeys), default(DotScore));
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        if (gradients.Wants(AfterValues)) gradients.For(AfterValues).Clear();
        RunBack(node, gradients, default(GivenKeys), default(DotScore));
    }

    internal override int MaskAt => AfterValues + 1;

    private protected override void CheckValues(ReadOnlySpan<Shape> inputs)
    {
        var (k, v, ids) = (inputs[1], inputs[2], inputs[AfterValues]);
        if (ids != [v[0], v[1]] || v[1] != Kept || Kept > k[1])
            throw Error($"{Kept} of the keys k{k} are to be kept, got v{v} and ids{ids}");
    }

    private protected override double Pairs(in AttentionShape s) => (double)s.Queries * Kept;

    private protected override double Choosing(in AttentionShape s) => 0;

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, KeptValues values, int heads, Tensor? mask,
        AttendingOptions? options) =>
        Apply(pass, options, o => new PrunedAttentionOp(heads, values.Ids.Shape[1], o), mask, query, key, values.Values, values.Ids);
}

/// <summary>The values of a few keys of each sample.</summary>
/// <param name="Values">Values <c>[B, k, H·Dv]</c>.</param>
/// <param name="Ids">Which keys they belong to, <c>[B, k]</c>, rising.</param>
internal readonly record struct KeptValues(Tensor Values, Tensor Ids);

public static partial class Operations
{
    /// <summary>Attention of every query to the same few keys of its sample.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">All keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="values">The values of those kept.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="mask">Added to the scores of all keys, <c>[B or 1, H or 1, Nq or 1, Nk]</c>; or null.</param>
    /// <param name="options">Scale, dropout, and what to show.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c>, 0 for keys left out (null unless asked
    /// for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or an id is not a key.</exception>
    internal static (Tensor Result, Tensor? Weights) PrunedAttention(this Pass pass, Tensor query, Tensor key, KeptValues values, int heads,
        Tensor? mask = null, AttendingOptions? options = null) => PrunedAttentionOp.Of(pass, query, key, values, heads, mask, options);
}
