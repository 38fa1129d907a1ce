using CrossModal.Imaging;

namespace CrossModal.Data;

/// <summary>One recorded episode: what the robot was told, saw, felt and did.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Instruction">What the robot was told.</param>
/// <param name="Frames">One picture a step, all of one size.</param>
/// <param name="Actions">What the robot did, <c>[T, A]</c> in the units of the recording.</param>
/// <param name="States">What the robot felt of itself, <c>[T, P]</c> in the units of the recording; null when not recorded.</param>
public sealed record Episode(string Name, string Instruction, IReadOnlyList<RgbImage> Frames, float[][] Actions, float[][]? States)
{
    /// <summary>Number of steps T.</summary>
    public int Steps => Frames.Count;
}
