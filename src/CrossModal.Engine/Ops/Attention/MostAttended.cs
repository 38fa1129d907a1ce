using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Which keys of each sample get most of the attention: the mean over heads and real queries of softmax(Q Kᵀ · scale +
/// mask).</summary>
/// <remarks>Ids are rising; of equals the earlier is kept; keys that are masked only when nothing else is left. The gradient is 0: the
/// choice is constant around almost every point.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="keys">How many keys are kept.</param>
/// <param name="hasMask">Whether a mask of keys is the third input.</param>
/// <param name="hasQueryMask">Whether a padding mask of the queries <c>[B, 1, 1, Nq]</c> is the last input.</param>
internal sealed class MostAttendedOp(int heads, KeptKeys keys, bool hasMask = false, bool hasQueryMask = false) : Operation
{
    /// <summary>How many keys are kept.</summary>
    public KeptKeys Keys { get; } = keys is { Patches: > 0, Words: >= 0 } ? keys
        : throw new ShapeException("MostAttended", $"at least one key must be kept, got {keys}");

    /// <summary>Number of heads H.</summary>
    internal int Heads { get; } = heads;

    /// <summary>Whether a mask of keys is the third input.</summary>
    internal bool HasMask { get; } = hasMask;

    /// <summary>Whether a padding mask of the queries is the last input.</summary>
    internal bool HasQueryMask { get; } = hasQueryMask;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        var count = 2 + (HasMask ? 1 : 0) + (HasQueryMask ? 1 : 0);
        Expect(inputs, count, count);
        var (q, k) = (inputs[0], inputs[1]);
        if (q.Rank != 3 || k.Rank != 3 || q[0] != k[0] || q[2] != k[2] || q[2] % Heads != 0)
            throw Error($"needs q[B, Nq, H·D] and k[B, Nk, H·D] of {Heads} heads, got q{q}, k{k}");
        Shape weights = [q[0], Heads, q[1], k[1]];
        if (HasMask && (inputs[2].Rank != 4 || Shape.Broadcast(inputs[2], weights, Name) != weights || inputs[2][3] != k[1]))
            throw Error($"mask{inputs[2]} is not [B or 1, H or 1, Nq or 1, Nk] of {weights}");
        if (HasQueryMask && inputs[^1] != [q[0], 1, 1, q[1]])
            throw Error($"the mask of the queries is {inputs[^1]}, expected [{q[0]},1,1,{q[1]}]");
        return [[q[0], (int)Math.Min((long)Keys.Patches + Keys.Words, k[1])]];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) =>
        (double)inputs[0].Length * inputs[1][1] * 2 + 4.0 * inputs[0][0] * Heads * inputs[0][1] * inputs[1][1];

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (q, k) = (node.InputShape(0), node.InputShape(1));
        var s = new AttentionShape(q[0], q[1], k[1], Heads, q[2] / Heads, 0);
        var inputs = new SparseInputs
        {
            Q = node.Input(0),
            K = node.Input(1),
            Mask = HasMask ? node.Input(2) : default,
            Scale = 1 / MathF.Sqrt(s.HeadDim),
            MaskShape = HasMask ? new(node.InputShape(2)[0], node.InputShape(2)[1], node.InputShape(2)[2], node.InputShape(2)[3]) : default,
        };
        AttentionShares.Most(s, inputs, HasQueryMask ? node.Input(node.Inputs.Count - 1) : default, Math.Min(Keys.Words, k[1]),
            node.Outputs[0].Shape[1], node.Output());
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        for (var i = 0; i < node.Inputs.Count; i++) gradients.For(i).Clear();
    }
}

/// <summary>How many keys are kept.</summary>
/// <param name="Patches">Keys kept by what they get; all when there are fewer.</param>
/// <param name="Words">Keys before the patches, which are always kept.</param>
internal readonly record struct KeptKeys(int Patches, int Words = 0);

public static partial class Operations
{
    /// <summary>The ids <c>[B, k]</c>, rising, of the keys that get most of the attention of all heads and queries together.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="heads">Number of heads H.</param>
    /// <param name="keys">How many are kept.</param>
    /// <param name="mask">Added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>; or null.</param>
    /// <param name="queryMask">Which queries are real, <c>[B, 1, 1, Nq]</c>; padding has no say; or null.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    internal static Tensor MostAttended(this Pass pass, Tensor query, Tensor key, int heads, KeptKeys keys, Tensor? mask = null,
        Tensor? queryMask = null)
    {
        ArgumentNullException.ThrowIfNull(pass);
        Tensor?[] inputs = [query, key, mask, queryMask];
        return pass.Apply(new MostAttendedOp(heads, keys, mask is not null, queryMask is not null), [.. inputs.OfType<Tensor>()]);
    }
}
