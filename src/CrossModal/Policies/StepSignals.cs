using System.Numerics.Tensors;
using CrossModal.Explain.Monitor;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Policies;

/// <summary>What a monitor is given of a step: numbers that the compiled step computed anyway.</summary>
internal static class StepSignals
{
    /// <summary>How the numbers lie.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="layers">Attentions to patches.</param>
    /// <param name="effectEvery">K, after how many steps the counterfactual effect is computed again; 0 for never.</param>
    public static MonitorLayout LayoutOf(TrainedPolicy trained, int layers, int effectEvery)
    {
        var options = trained.Policy.Options;
        return new MonitorLayout(options.Fusion.Width, options.Actions, options.Head.Points > 0, options.Head.Points,
            options.Proprioception, layers, effectEvery);
    }

    /// <summary>Writes the numbers of an instruction.</summary>
    /// <param name="plan">A watched plan that ran.</param>
    /// <param name="states">Normalised states <c>[B, P]</c>; null when the policy has none.</param>
    /// <param name="row">The instruction.</param>
    /// <param name="other">The instruction it is held against; −1 for none.</param>
    /// <param name="words">Words of the instruction.</param>
    /// <param name="into">Receives the numbers.</param>
    public static void Write(PolicyPlan plan, Tensor? states, int row, int other, int words, Span<float> into)
    {
        var output = plan.Output;
        var at = 0;
        Copy(output.Fused!, into);
        Copy(output.Action, into);
        if (output.Close is { } close) Copy(close, into);
        if (output.Points is { } points) Copy(points, into);
        if (states is not null) Copy(states, into);
        foreach (var (summary, weights) in plan.Attention)
        {
            summary.Write(weights.Span, row, words, into.Slice(at, AttentionSummary.Length));
            at += AttentionSummary.Length;
        }

        if (other >= 0) WriteEffect(output, row, output, other, into[at..]);

        void Copy(Tensor values, Span<float> to)
        {
            var count = values.Shape[1];
            values.Span.Slice(row * count, count).CopyTo(to[at..]);
            at += count;
        }
    }

    /// <summary>Writes how action, points and fused feature of an instruction differ from those of another: its counterfactual
    /// effect.</summary>
    /// <param name="output">What was computed of the instruction.</param>
    /// <param name="row">Where it is there.</param>
    /// <param name="against">What was computed of the other.</param>
    /// <param name="other">Where that is there.</param>
    /// <param name="into">Receives the numbers, <c>[3]</c>.</param>
    public static void WriteEffect(PolicyOutput output, int row, PolicyOutput against, int other, Span<float> into)
    {
        into[0] = Distance(output.Action, row, against.Action, other);
        into[1] = output.Points is { } points ? Distance(points, row, against.Points!, other) : 0;
        into[2] = Distance(output.Fused!, row, against.Fused!, other);
    }

    /// <summary>The root of the mean square of the difference of two rows.</summary>
    public static float Distance(Tensor values, int row, Tensor against, int other)
    {
        var count = values.Shape[1];
        return TensorPrimitives.Distance(values.Span.Slice(row * count, count),
            against.Span.Slice(other * count, count)) / MathF.Sqrt(count);
    }
}
