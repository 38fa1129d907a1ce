using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Cells;

/// <summary>Which episodes a policy is judged by.</summary>
internal sealed record EvaluationPlan
{
    /// <summary>Seed of the test scenes: the same for every cell, so that outcomes can be compared episode by episode.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The test: tasks × splits × controls, each with its number of episodes.</summary>
    public IReadOnlyList<PlannedEvaluation> Tests { get; init; } = [];

    /// <summary>Seed of the validation scenes, which come from a split of their own.</summary>
    public ulong ValidationSeed { get; init; } = 1;

    /// <summary>Validation episodes at every point of the learning curve, shared out over the tasks.</summary>
    public int ValidationEpisodes { get; init; } = 100;

    /// <summary>Points of the learning curve within the run, the last step included.</summary>
    public int LearningPoints { get; init; } = 5;

    /// <summary>New layouts of every task in which it is judged where the attention of words lies.</summary>
    public int GroundingScenes { get; init; } = 100;

    /// <summary>Most episodes kept as films: successes and failures in turn.</summary>
    public int Films { get; init; }
}

/// <summary>One test: a task in the scenes of a split, perhaps with something withheld.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Split">Name of the split.</param>
/// <param name="Control">What is withheld.</param>
/// <param name="Episodes">Number of episodes.</param>
internal sealed record PlannedEvaluation(string Task, string Split, PolicyControl Control, int Episodes);
