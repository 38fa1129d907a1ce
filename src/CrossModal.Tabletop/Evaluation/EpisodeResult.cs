using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>What happened in one episode.</summary>
/// <param name="Index">Number of the episode.</param>
/// <param name="Seed">The seed of its scene.</param>
/// <param name="Instruction">What was asked.</param>
/// <param name="Steps">Steps taken.</param>
/// <param name="Failure">Why it failed; <see cref="FailureReason.None"/> when it succeeded.</param>
/// <param name="FirstTouched">Index of the first object the fingers pushed or grasped, or -1.</param>
/// <param name="TouchedTargetFirst">Whether that was the target.</param>
/// <param name="FinalDistance">Distance from the goal at the end, horizontal metres: tool to target when picking, object to plate when
/// placing.</param>
/// <param name="FinalScene">The last state.</param>
/// <param name="Frames">The pictures of every step, `[Size, Size, 3]` each, the last state included; empty unless asked for.</param>
public sealed record EpisodeResult(
    int Index, ulong Seed, string Instruction, int Steps, FailureReason Failure, int FirstTouched, bool TouchedTargetFirst,
    float FinalDistance, Scene FinalScene, IReadOnlyList<byte[]> Frames)
{
    /// <summary>Whether the goal was reached.</summary>
    public bool Success => Failure == FailureReason.None;

    /// <summary>Where the tool was at the start and after every step, board frame, metres.</summary>
    public IReadOnlyList<Point> ToolPath { get; init; } = [];

    /// <summary>How likely the goal is guessed from the scene without an instruction; see
    /// <see cref="Tasks.RobotTask.Chance"/>.</summary>
    public double Chance { get; init; }

    /// <summary>Horizontal distance, at the first step, between where the policy points and what it should point at, metres; NaN when it
    /// does not point.</summary>
    public float TargetError { get; init; } = float.NaN;

    /// <summary>Whether what it should point at is, of all things in the scene, the one nearest to where it points at the first
    /// step.</summary>
    public bool PointedAtTarget { get; init; }
}
