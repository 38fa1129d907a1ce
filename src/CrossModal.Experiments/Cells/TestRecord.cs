using System.Text.Json.Serialization;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Cells;

/// <summary>How one policy did in one test: task × split × control. Episode i is the same scene and sentence for every cell with this
/// seed.</summary>
internal sealed record TestRecord
{
    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>Name of the split.</summary>
    public required string Split { get; init; }

    /// <summary>What was withheld.</summary>
    public required PolicyControl Control { get; init; }

    /// <summary>Seed of the scenes.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of episodes; with another instruction, those whose scene allows one.</summary>
    public required int Episodes { get; init; }

    /// <summary>Whether each episode succeeded (<see cref="EpisodeBits"/>).</summary>
    public required string Succeeded { get; init; }

    /// <summary>Whether the first object touched was the target, in each episode.</summary>
    public required string TargetFirst { get; init; }

    /// <summary>Whether anything was touched, in each episode.</summary>
    public required string Touched { get; init; }

    /// <summary>Whether, at the first step, the thing nearest to where the policy points was the right one, in each episode.</summary>
    public required string Pointed { get; init; }

    /// <summary>Mean horizontal distance at the first step between where the policy points and where it should, centimetres.</summary>
    public required double TargetErrorCentimetres { get; init; }

    /// <summary>Mean final distance from the goal, centimetres.</summary>
    public required double FinalDistanceCentimetres { get; init; }

    /// <summary>Mean steps of the successful episodes; null without any.</summary>
    public double? StepsToSuccess { get; init; }

    /// <summary>Mean chance of guessing the goal from the scene without an instruction.</summary>
    public double Chance { get; init; }

    /// <summary>Share of scenes in which another instruction changed behaviour (<see cref="BehaviourChange"/>); null for other
    /// controls.</summary>
    public double? Changed { get; init; }

    /// <summary>Number of episodes that failed, by reason.</summary>
    public required IReadOnlyDictionary<FailureReason, int> Failures { get; init; }

    /// <summary>Number of successes.</summary>
    [JsonIgnore]
    public int Successes => Count(Succeeded);

    /// <summary>Share of successes with its 95 % interval.</summary>
    [JsonIgnore]
    public WilsonInterval Success => WilsonInterval.Of(Successes, Episodes);

    /// <summary>Share of episodes in which the target was touched first, among those that touched anything.</summary>
    [JsonIgnore]
    public WilsonInterval TargetFirstShare => WilsonInterval.Of(Count(TargetFirst), Count(Touched));

    /// <summary>Share of episodes in which the policy first pointed at the right object.</summary>
    [JsonIgnore]
    public WilsonInterval Pointing => WilsonInterval.Of(Count(Pointed), Episodes);

    /// <summary>The record of a finished evaluation.</summary>
    /// <param name="result">The episodes.</param>
    /// <param name="control">What was withheld.</param>
    /// <param name="own">The same scenes with their own instructions, where the control is another instruction; else null.</param>
    internal static TestRecord Of(EvaluationResult result, PolicyControl control, EvaluationResult? own = null) => new()
    {
        Task = result.Task,
        Split = result.Split,
        Control = control,
        Seed = result.Seed,
        Episodes = result.Episodes.Count,
        Succeeded = EpisodeBits.Encode([.. result.Episodes.Select(e => e.Success)]),
        TargetFirst = EpisodeBits.Encode([.. result.Episodes.Select(e => e.TouchedTargetFirst)]),
        Touched = EpisodeBits.Encode([.. result.Episodes.Select(e => e.FirstTouched >= 0)]),
        Pointed = EpisodeBits.Encode([.. result.Episodes.Select(e => e.PointedAtTarget)]),
        TargetErrorCentimetres = result.Episodes.Count == 0 ? 0 : Math.Round(100 * result.Episodes.Average(e => (double)e.TargetError), 3),
        Chance = result.Episodes.Count == 0 ? 0 : Math.Round(result.Episodes.Average(e => e.Chance), 4),
        Changed = own is null ? null : Math.Round(BehaviourChange.Between(own, result).Rate, 4),
        FinalDistanceCentimetres = result.Episodes.Count == 0 ? 0 : Math.Round(100 * result.MeanFinalDistance, 3),
        StepsToSuccess = result.Successes == 0 ? null : Math.Round(result.MeanStepsToSuccess, 2),
        Failures = Enum.GetValues<FailureReason>().Where(r => r != FailureReason.None && result.Count(r) > 0)
            .ToDictionary(r => r, result.Count),
    };

    private int Count(string bits) => EpisodeBits.Decode(bits, Episodes).Count(b => b);
}
