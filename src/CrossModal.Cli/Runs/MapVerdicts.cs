using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Runs;

/// <summary>Judges the maps that a report draws.</summary>
internal static class MapVerdicts
{
    /// <summary>The test of the maps of a sample; null where there is nothing to be judged by.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="input">One sample.</param>
    public static FaithfulnessTest? Of(TrainedPolicy trained, PolicyInput input) =>
        FaithfulnessTest.Short(() => trained.Explained(input, ExplanationTarget.Direction));

    /// <summary>The test of the maps of a policy's first step.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="photos">A picture of each camera.</param>
    /// <param name="instruction">The instruction.</param>
    /// <param name="state">The robot's state.</param>
    public static FaithfulnessTest? Of(TrainedPolicy trained, IReadOnlyList<RgbImage> photos, string instruction, ReadOnlySpan<float> state)
    {
        using var policy = Policy.Of(trained);
        policy.SetInstruction(instruction, allowUnknown: true);
        policy.Act(Observation.Of(policy.Cameras, photos, state));
        var step = policy.Explained();
        return FaithfulnessTest.Short(() => step.Decision);
    }
}
