using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Attention to the keys whose score is at least the k-th largest of the query, in each head; ties survive.</summary>
/// <remarks>All scores are computed, to choose; the softmax and the sum over values see the chosen alone.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="k">How many keys, at least.</param>
/// <param name="options">What all attention has in common.</param>
internal sealed class TopKAttentionOp(int heads, int k, AttendingOptions options) : SparseAttentionOperation(heads, options)
{
    /// <summary>How many keys a query attends to, at least.</summary>
    public int K { get; } = k > 0 ? k : throw new ShapeException("TopKAttention", $"needs at least one key, got {k}");

    internal override void Attend(in AttendingCall call) => Run(call, new TopKeys(K), default(DotScore));

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBack(node, gradients, new TopKeys(K), default(DotScore));

    private protected override double Pairs(in AttentionShape s) => (double)s.Queries * Math.Min(K, s.Keys);

    private protected override double Choosing(in AttentionShape s) => (double)s.Queries * s.Keys * (2.0 * s.HeadDim + 1);

    /// <summary>Makes and applies the operation.</summary>
    internal static (Tensor Result, Tensor? Weights) Of(Pass pass, Tensor query, Tensor key, Tensor value, int heads, int k, Tensor? mask,
        AttendingOptions? options) =>
        Apply(pass, options, o => new TopKAttentionOp(heads, k, o), mask, query, key, value);
}

public static partial class Operations
{
    /// <summary>Attention of every query to the keys whose score is at least its k-th largest; ties survive.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="k">How many keys, at least.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>, −∞ where nothing may be attended; or null.</param>
    /// <param name="options">Scale, dropout, and what to show.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or k is not positive.</exception>
    public static (Tensor Result, Tensor? Weights) TopKAttention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads, int k,
        Tensor? mask = null, AttendingOptions? options = null) => TopKAttentionOp.Of(pass, query, key, value, heads, k, mask, options);
}
