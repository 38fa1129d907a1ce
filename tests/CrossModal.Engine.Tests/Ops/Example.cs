using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Ops;

/// <summary>An operation with inputs to try it on.</summary>
/// <param name="Operation">The operation and its attributes.</param>
/// <param name="Inputs">Its inputs.</param>
internal sealed record Example(Operation Operation, params Operand[] Inputs)
{
    public override string ToString() => $"{Operation.Name}({string.Join(", ", Inputs.Select(i => i.Values.Shape))})";
}

/// <summary>One input of an example.</summary>
/// <param name="Values">Its elements.</param>
/// <param name="Differentiable">Whether its gradient is checked.</param>
internal sealed record Operand(Tensor Values, bool Differentiable = true)
{
    /// <summary>Numbers between −1.5 and 1.5.</summary>
    public static Operand Any(Shape shape, ulong seed = 1) => new(Tensor.Uniform(shape, new RandomSource(seed), -1.5f, 1.5f));

    /// <summary>Numbers between 0.5 and 2, for logarithms, roots and divisors.</summary>
    public static Operand Positive(Shape shape, ulong seed = 2) => new(Tensor.Uniform(shape, new RandomSource(seed), 0.5f, 2));

    /// <summary>Numbers that are all at least 0.15 apart from each other and from 0, for functions with a kink or a choice.</summary>
    public static Operand Apart(Shape shape, ulong seed = 3)
    {
        var values = Tensor.Zeros(shape);
        for (var i = 0; i < shape.Length; i++) values.Span[i] = 0.15f * (i / 2 + 1) * (i % 2 == 0 ? 1 : -1);
        new RandomSource(seed).Shuffle(values.Span);
        return new Operand(values);
    }

    /// <summary>Given numbers without a gradient: ids, targets.</summary>
    public static Operand Fixed(Shape shape, params float[] values) => new(Tensor.From(values, shape), Differentiable: false);

    /// <summary>Given numbers.</summary>
    public static Operand Of(Shape shape, params float[] values) => new(Tensor.From(values, shape));
}
