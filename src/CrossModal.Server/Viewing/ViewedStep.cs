using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Server.Viewing;

/// <summary>One step of an episode: what the policy was given, and what was done.</summary>
/// <param name="Pictures">A picture of each camera.</param>
/// <param name="State">The robot's state <c>[P]</c> in the units of training; empty for a policy without.</param>
/// <param name="Recorded">The action that was recorded, or that an expert would take <c>[A]</c>; null when none is known.</param>
internal sealed record ViewedStep(IReadOnlyList<RgbImage> Pictures, float[] State, float[]? Recorded)
{
    /// <summary>For each word the share of each patch that what the word names covers, camera after camera <c>[V·N]</c>; null for a word
    /// that names nothing, and where nothing is known.</summary>
    public IReadOnlyList<float[]?>? Coverage { get; init; }

    /// <summary>The action that was sent to the robot <c>[A]</c>; null when it is what the policy decides.</summary>
    public float[]? Sent { get; init; }

    /// <summary>Bytes of the pictures.</summary>
    public long Bytes => Pictures.Sum(p => (long)p.Pixels.Length);

    /// <summary>The step as an observation of a policy.</summary>
    /// <param name="cameras">Names of the policy's cameras.</param>
    public Observation ToObservation(IReadOnlyList<string> cameras)
    {
        var observation = new Observation { State = State };
        for (var i = 0; i < cameras.Count; i++) observation = observation.With(cameras[i], Pictures[i]);
        return observation;
    }
}
