using CrossModal.Imaging;

namespace CrossModal.Policies;

/// <summary>A step in which it is known where an object is: what a test of words runs a policy on.</summary>
/// <param name="Instruction">The instruction.</param>
/// <param name="Pictures">A picture of each camera, in the policy's order.</param>
/// <param name="State">The robot's state in the units of training; null for a policy that takes none.</param>
/// <param name="Coverage">Share of each patch that the object covers, 0 to 1, camera after camera, <c>[V · N]</c>.</param>
public sealed record WordCase(string Instruction, IReadOnlyList<RgbImage> Pictures, float[]? State, float[] Coverage)
{
    /// <summary>For a policy with past frames the pictures of each camera at the steps before, the step before first; none at the start of
    /// an episode.</summary>
    public IReadOnlyList<IReadOnlyList<RgbImage>> Past { get; init; } = [];
}
