using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Sets elements to 0 at random and scales the others by 1/(1 − p) (Srivastava et al. 2014).</summary>
/// <param name="probability">Share of elements set to 0.</param>
/// <param name="seed">Seed of the choice: the same seed drops the same elements.</param>
internal sealed class DropoutOp(float probability, ulong seed) : Operation
{
    // Restarted for every use: a source of its own for each would be garbage.
    [ThreadStatic] private static RandomSource? _random;

    /// <summary>Share of elements set to 0.</summary>
    public float Probability { get; } = probability is >= 0 and < 1
        ? probability
        : throw new ShapeException("Dropout", $"the probability must be in [0, 1), got {probability}");

    /// <inheritdoc/>
    public override bool DrawsSeed => true;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override Shape[] Saved(ReadOnlySpan<Shape> inputs) => [inputs[0]];

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var factors = node.Saved.Count > 0 ? node.SavedSpan(0) : node.Output();
        Factors(Probability, node.DrawnSeed ?? seed, factors);
        TensorPrimitives.Multiply(node.Input(0), factors, node.Output());
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        TensorPrimitives.Multiply(gradients.Output, node.SavedSpan(0), gradients.For(0));

    /// <summary>Fills with 0 (probability p) and 1/(1 − p).</summary>
    internal static void Factors(float probability, ulong seed, Span<float> factors)
    {
        var random = _random ??= new RandomSource(seed);
        random.Restart(seed);
        var keep = 1 / (1 - probability);
        foreach (ref var factor in factors) factor = random.NextSingle() < probability ? 0 : keep;
    }
}

public static partial class Operations
{
    /// <summary>Drops elements at random in training; returns x itself otherwise.</summary>
    /// <exception cref="ShapeException">The probability is not in [0, 1).</exception>
    public static Tensor Dropout(this Pass pass, Tensor x, float probability)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return pass.IsTraining && probability != 0 ? pass.Apply(new DropoutOp(probability, pass.Random.NextUInt64()), x) : x;
    }
}
