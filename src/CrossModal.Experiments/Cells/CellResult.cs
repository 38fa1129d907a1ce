using System.Text.Json.Serialization;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Cells;

/// <summary>All that is known of a finished cell; everything but <see cref="Timing"/> is the same at every repetition on a
/// machine.</summary>
internal sealed record CellResult
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-cell/1";

    /// <summary>The format the cell was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The key: a hash of the configuration and of the code that matters (<see cref="CellKey"/>).</summary>
    public required string Key { get; init; }

    /// <summary>Version of the library that ran it.</summary>
    public required string Version { get; init; }

    /// <summary>What was trained and how it was judged.</summary>
    public required CellConfiguration Configuration { get; init; }

    /// <summary>Trainable numbers of the whole policy.</summary>
    public required long Parameters { get; init; }

    /// <summary>Trainable numbers of the fusion strategy alone.</summary>
    public required long FusionParameters { get; init; }

    /// <summary>Floating-point operations of one control step: one picture, a five-word instruction; a multiply-add counts two.</summary>
    public required double Flops { get; init; }

    /// <summary>Those of the fusion strategy alone.</summary>
    public required double FusionFlops { get; init; }

    /// <summary>The losses of training.</summary>
    public required LossCurve Losses { get; init; }

    /// <summary>How the averaged weights did on validation layouts on the way, and at the end.</summary>
    public required IReadOnlyList<LearningPoint> Learning { get; init; }

    /// <summary>The tests, in the order of the plan.</summary>
    public required IReadOnlyList<TestRecord> Tests { get; init; }

    /// <summary>Where the attention of words lies, by task, layer and kind of word; empty when no attention goes from words to
    /// patches.</summary>
    public required IReadOnlyList<GroundingRecord> Grounding { get; init; }

    /// <summary>
    /// Why there is no policy to test: a loss, a gradient or what the trained policy computes is not finite, in its own training or in one
    /// that comes before it. Null for all others; such a cell has no tests.
    /// </summary>
    public string? Diverged { get; init; }

    /// <summary>What the clock said.</summary>
    public required CellTiming Timing { get; init; }

    /// <summary>The test of a task, split and control, or null.</summary>
    public TestRecord? Find(string task, string split, PolicyControl control = PolicyControl.None) =>
        Tests.FirstOrDefault(t => t.Task == task && t.Split == split && t.Control == control);
}

/// <summary>The losses of training, thinned out: every number is the mean over the steps since the one before.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Metrics">What the loss reported beside, by name; null where there is no number.</param>
internal sealed record LossCurve(IReadOnlyList<int> Steps, IReadOnlyList<double> Loss,
    IReadOnlyDictionary<string, IReadOnlyList<double?>> Metrics);

/// <summary>A point of the learning curve.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Samples">Samples seen.</param>
/// <param name="Tasks">How it did on validation layouts, task by task.</param>
internal sealed record LearningPoint(int Step, long Samples, IReadOnlyList<ValidationRecord> Tasks)
{
    /// <summary>Episodes of all tasks.</summary>
    [JsonIgnore]
    public int Episodes => Tasks.Sum(t => t.Episodes);

    /// <summary>Successes in all tasks.</summary>
    [JsonIgnore]
    public int Successes => Tasks.Sum(t => t.Successes);

    /// <summary>Episodes of all tasks in which the policy first pointed at the right object.</summary>
    [JsonIgnore]
    public int Pointed => Tasks.Sum(t => t.Pointed);

    /// <summary>Mean over the episodes of all tasks, centimetres.</summary>
    [JsonIgnore]
    public double TargetErrorCentimetres => Episodes == 0 ? 0 : Tasks.Sum(t => t.TargetErrorCentimetres * t.Episodes) / Episodes;
}

/// <summary>Validation of one task.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Episodes">Number of episodes.</param>
/// <param name="Successes">How many succeeded.</param>
/// <param name="Pointed">In how many the policy first pointed at the right object.</param>
/// <param name="TargetErrorCentimetres">Mean horizontal distance between where it first pointed and where it should.</param>
internal sealed record ValidationRecord(string Task, int Episodes, int Successes, int Pointed, double TargetErrorCentimetres);

/// <summary>What the clock said of a cell: the only part that differs from run to run.</summary>
/// <param name="Machine">Where it ran.</param>
/// <param name="TrainingSeconds">Training on one thread, validation left out.</param>
/// <param name="EvaluationSeconds">Validation, tests and grounding.</param>
/// <param name="LatencyMilliseconds">Median of one control step on one thread, picture to action, while other cells may be
/// running.</param>
/// <param name="LearningSeconds">Training seconds at each point of the learning curve.</param>
internal sealed record CellTiming(string Machine, double TrainingSeconds, double EvaluationSeconds, double LatencyMilliseconds,
    IReadOnlyList<double> LearningSeconds);
