using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>Which part of a decision is explained.</summary>
/// <remarks>The number explained is y = uᵀa of the normalised action a; the negative of a distance to the action would have no gradient
/// there.</remarks>
public sealed record ExplanationTarget
{
    private enum Part
    {
        Direction,
        Dimension,
        Gripper,
    }

    private readonly Part _part;
    private readonly int _dimension;
    private readonly bool _negative;

    private ExplanationTarget(Part part, int dimension = 0, bool negative = false) =>
        (_part, _dimension, _negative) = (part, dimension, negative);

    /// <summary>The whole action: u = a₀/‖a₀‖, its own direction, held fixed.</summary>
    public static ExplanationTarget Direction { get; } = new(Part.Direction);

    /// <summary>Whether to close the gripper: the logit of what was chosen.</summary>
    public static ExplanationTarget Gripper { get; } = new(Part.Gripper);

    /// <summary>One number of the action, or its negative: methods that keep only what speaks for the decision give another map of
    /// each.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="negative">Whether what makes it smaller is asked for.</param>
    public static ExplanationTarget Dimension(int index, bool negative = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new ExplanationTarget(Part.Dimension, index, negative);
    }

    /// <summary>u, by which the outputs are multiplied and summed.</summary>
    /// <param name="outputs">The outputs of the decision: continuous numbers, then the gripper's logit if there is one.</param>
    /// <param name="continuous">How many are continuous.</param>
    /// <exception cref="NotSupportedException">There is no such number, or the action is zero and has no direction.</exception>
    public float[] Weights(ReadOnlySpan<float> outputs, int continuous)
    {
        var weights = new float[outputs.Length];
        if (_part == Part.Gripper)
        {
            if (outputs.Length == continuous)
                throw new NotSupportedException("the policy decides on no gripper apart from its other numbers");
            weights[continuous] = outputs[continuous] > 0 ? 1 : -1;
        }
        else if (_part == Part.Dimension)
        {
            if (_dimension >= continuous) throw new NotSupportedException($"there is no number {_dimension} in an action of {continuous}");
            weights[_dimension] = _negative ? -1 : 1;
        }
        else
        {
            double length = 0;
            for (var i = 0; i < continuous; i++) length += (double)outputs[i] * outputs[i];
            if (length == 0) throw new NotSupportedException("the action is zero, it has no direction");
            for (var i = 0; i < continuous; i++) weights[i] = (float)(outputs[i] / Math.Sqrt(length));
        }

        return weights;
    }

    /// <summary>How much other outputs differ in the part explained: of the direction the root of the mean square over the normalised
    /// continuous numbers, of the rest the magnitude of the difference.</summary>
    /// <param name="outputs">Outputs.</param>
    /// <param name="before">Outputs they are held against.</param>
    /// <param name="continuous">How many are continuous.</param>
    public double Change(ReadOnlySpan<float> outputs, ReadOnlySpan<float> before, int continuous)
    {
        if (outputs.Length != before.Length)
            throw new ShapeException("ExplanationTarget", $"{outputs.Length} outputs against {before.Length}");
        if (_part == Part.Gripper) return Math.Abs((double)outputs[continuous] - before[continuous]);
        if (_part == Part.Dimension) return Math.Abs((double)outputs[_dimension] - before[_dimension]);
        double sum = 0;
        for (var i = 0; i < continuous; i++) sum += Math.Pow((double)outputs[i] - before[i], 2);
        return Math.Sqrt(sum / Math.Max(1, continuous));
    }
}
