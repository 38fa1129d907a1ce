using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Plans;

/// <summary>The protocols that come with the benchmark.</summary>
internal static class ComparisonProtocols
{
    private static readonly string[] Tasks = [.. RobotTasks.All.Select(t => t.Name)];

    /// <summary>A comparison in a quarter of an hour on two cores: one task, one seed, 200 episodes, no sweep. Strategies that learn
    /// slowly are on their plateau.</summary>
    public static ComparisonProtocol Quick { get; } = new()
    {
        Name = "quick",
        Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 1400 },
        Episodes = new ProtocolEpisodes(200, 0, 50, 200, 30) { LearningPoints = 4, GroundingScenes = 50, Films = 2 },
    };

    /// <summary>An hour on two cores: one task, one seed, a sweep of two learning rates.</summary>
    public static ComparisonProtocol Default { get; } = new()
    {
        Name = "default",
        Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 3000 },
        Sweep = new ProtocolSweep([1e-3, 2e-3], 0.25),
        Episodes = new ProtocolEpisodes(500, 100, 100, 200, 50) { LearningPoints = 5, GroundingScenes = 100 },
    };

    /// <summary>The published numbers: all tasks, three seeds, every split and control; five seeds for the chapter's five rows and the two
    /// best others, two for strategies that stand apart.</summary>
    public static ComparisonProtocol Full { get; } = new()
    {
        Name = "full",
        Recipe = new TabletopRecipe { Tasks = Tasks, Steps = 8000 },
        Seeds = new ProtocolSeeds([0, 1, 2], [0])
        {
            More =
            [
                new RowSeeds(["concat-pooled", "cross-attention-1", "cross-attention-4", "co-attention-4", "perceiver-8"], [3, 4]),
                new RowSeeds(["cross-attention-2", "multi-view-mean"], [3, 4]),
                new RowSeeds([.. ComparisonVariants.Further.Select(v => v.Name)], [1]),
            ],
        },
        Sweep = new ProtocolSweep([1e-3, 2e-3], 0.25) { WholeWhereNoneSucceeds = true },
        Budgets = new ProtocolBudgets([0.5], 0.5),
        Episodes = new ProtocolEpisodes(2000, 500, 500, 500, 100) { LearningPoints = 5, GroundingScenes = 100, Films = 4 },
    };
}
