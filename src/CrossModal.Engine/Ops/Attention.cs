using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>softmax(Q Kᵀ · scale + mask) V per head (Vaswani et al. 2017, eq. 1), with a streamed softmax: memory is linear in tokens.</summary>
/// <remarks>Heads lie side by side in the last axis, so nothing is permuted. A query that may attend to nothing (all of its mask is −∞)
/// gives zeros, and zero gradients. The weights are a second output, made only when asked for.</remarks>
/// <param name="heads">Number of heads H.</param>
/// <param name="scale">What scores are multiplied by; 1/√(head width) when null.</param>
/// <param name="dropout">Share of weights dropped.</param>
/// <param name="seed">Seed of the dropout.</param>
/// <param name="withWeights">Also give the weights <c>[B, H, Nq, Nk]</c>, before dropout.</param>
/// <param name="layer">Path of the layer that attends, or null.</param>
public sealed class AttentionOp(int heads, float? scale = null, float dropout = 0, ulong seed = 0, bool withWeights = false, string? layer = null)
    : Operation
{
    /// <summary>Number of heads.</summary>
    public int Heads { get; } = heads > 0 ? heads : throw new ShapeException("Attention", $"heads must be positive, got {heads}");

    /// <summary>What scores are multiplied by; null for 1/√(head width).</summary>
    public float? Scale { get; } = scale;

    /// <summary>Share of weights dropped.</summary>
    public float Dropout { get; } = dropout;

    /// <summary>Path of the layer that attends, as a trace names it; null when nobody said.</summary>
    public string? Layer { get; } = layer;

    /// <summary>Whether the weights are a second output.</summary>
    public bool WithWeights { get; } = withWeights;

    /// <inheritdoc/>
    public override bool DrawsSeed => Dropout != 0;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 3, 4);
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        if (q.Rank != 3 || k.Rank != 3 || v.Rank != 3) throw Error($"needs q[B, Nq, H·D], k[B, Nk, H·D], v[B, Nk, H·Dv], got q{q}, k{k}, v{v}");
        if (q[0] != k[0] || k[0] != v[0]) throw Error($"batch sizes differ: q{q}, k{k}, v{v}");
        if (q[2] != k[2]) throw Error($"widths differ: q{q} has {q[2]}, k{k} has {k[2]}");
        if (k[1] != v[1]) throw Error($"token counts differ: k{k} has {k[1]}, v{v} has {v[1]}");
        if (q[2] % Heads != 0 || v[2] % Heads != 0) throw Error($"{Heads} heads do not divide the widths of q{q} and v{v}");
        Shape weights = [q[0], Heads, q[1], k[1]];
        if (inputs.Length == 4)
        {
            var mask = inputs[3];
            if (mask.Rank != 4 || Shape.Broadcast(mask, weights, Name) != weights || mask[3] != k[1])
                throw Error($"mask{mask} is not [B or 1, H or 1, Nq or 1, Nk] of {weights}");
        }

        Shape output = [q[0], q[1], v[2]];
        return WithWeights ? [output, weights] : [output];
    }

    /// <inheritdoc/>
    public override Shape[] Saved(ReadOnlySpan<Shape> inputs)
    {
        var (batch, queries, keys) = (inputs[0][0], inputs[0][1], inputs[1][1]);
        if (Dropout != 0) return [[batch, Heads, queries, keys]];

        // The exponentials of short rows: reading them costs less than computing them again.
        var kept = AttentionKernel.KeptSize(queries, keys);
        return kept == 0 ? [] : [[batch, Heads, checked((int)kept)]];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) =>
        (double)inputs[0][0] * inputs[0][1] * inputs[1][1] * (2.0 * (inputs[0][2] + inputs[2][2]) + 4 * Heads);

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var shape = AttentionShape(node);
        if (Dropout != 0)
        {
            // Without a saved tensor nobody asks for gradients; factors of a forward alone are not kept.
            var factors = node.Saved.Count > 0 ? node.SavedSpan(0) : new float[shape.Batch * Heads * shape.Queries * shape.Keys];
            DropoutOp.Factors(Dropout, node.DrawnSeed ?? seed, factors);
            Run(node, shape, factors, default);
        }
        else
        {
            Run(node, shape, default, node.SavedSpan(0));
        }
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var s = AttentionShape(node);
        AttentionKernel.Backward(s, ScaleFor(s), node.Input(0), Heads * s.HeadDim, node.Input(1), Heads * s.HeadDim, node.Input(2),
            Heads * s.ValueDim, node.OptionalInput(3), MaskShape(node), Dropout == 0 ? default : node.SavedSpan(0), gradients.Output,
            Target(0), Target(1), Target(2), gradients.For(3), node.Workers, Dropout == 0 ? node.SavedSpan(0) : default);

        // The kernel computes all three; one nobody asked for goes nowhere.
        Span<float> Target(int input) => gradients.Wants(input) ? gradients.For(input) : new float[node.InputShape(input).Length];
    }

    private void Run(Node node, in AttentionShape s, ReadOnlySpan<float> factors, Span<float> kept) =>
        AttentionKernel.Forward(s, ScaleFor(s), node.Input(0), Heads * s.HeadDim, node.Input(1), Heads * s.HeadDim, node.Input(2),
            Heads * s.ValueDim, node.OptionalInput(3), MaskShape(node), factors, node.Output(),
            WithWeights ? node.Output(1) : default, node.Workers, kept);

    private float ScaleFor(in AttentionShape s) => Scale ?? 1 / MathF.Sqrt(s.HeadDim);

    private AttentionShape AttentionShape(Node node)
    {
        var (q, k, v) = (node.InputShape(0), node.InputShape(1), node.InputShape(2));
        return new AttentionShape(q[0], q[1], k[1], Heads, q[2] / Heads, v[2] / Heads);
    }

    private static MaskShape MaskShape(Node node) => node.Inputs.Count < 4
        ? default
        : new MaskShape(node.InputShape(3)[0], node.InputShape(3)[1], node.InputShape(3)[2], node.InputShape(3)[3]);
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
    /// <param name="scale">What scores are multiplied by; 1/√D when null.</param>
    /// <param name="dropout">Share of weights dropped.</param>
    /// <param name="withWeights">Whether to give the weights.</param>
    /// <param name="layer">Path of the layer that attends: what readers of the record call it.</param>
    /// <returns>The result <c>[B, Nq, H·Dv]</c> and the weights <c>[B, H, Nq, Nk]</c> before dropout (null unless asked for).</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public static (Tensor Result, Tensor? Weights) Attention(this Pass pass, Tensor query, Tensor key, Tensor value, int heads,
        Tensor? mask = null, float? scale = null, float dropout = 0, bool withWeights = false, string? layer = null)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var drops = pass.IsTraining && dropout != 0;
        var operation = new AttentionOp(heads, scale, drops ? dropout : 0, drops ? pass.Random.NextUInt64() : 0, withWeights, layer);
        var outputs = mask is null ? pass.ApplyAll(operation, query, key, value) : pass.ApplyAll(operation, query, key, value, mask);
        return (outputs[0], withWeights ? outputs[1] : null);
    }
}
