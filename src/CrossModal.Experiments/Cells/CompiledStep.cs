using System.Diagnostics;
using CrossModal.Engine.Kernels;
using CrossModal.Inference;
using CrossModal.Policies;

namespace CrossModal.Experiments.Cells;

/// <summary>A control step of a compiled policy on one thread, picture to action, while the instruction stays.</summary>
internal sealed class CompiledStep
{
    private readonly PolicyPlan _plan;

    /// <summary>Compiles the policy for one picture and a five-word instruction.</summary>
    public CompiledStep(LanguagePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var input = ControlStep.Input(policy.Options);
        _plan = new PolicyPlan(policy, new PlanSizes(1, 1, input.Words.Shape[1], Padded: false), input.Images, input.Proprioception,
            new SessionOptions { Workers = Workers.Single }, new CompiledWeights());
        if (policy.Options.TextWidth == 0) input.Words.Span.CopyTo(_plan.Words.Span);
        _plan.SetInstructions();
    }

    /// <summary>Milliseconds of one step after one that is not counted.</summary>
    public double Time()
    {
        _plan.Run();
        var started = Stopwatch.GetTimestamp();
        _plan.Run();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
