using CrossModal.Experiments.Monitoring;
using CrossModal.Inference;
using CrossModal.Policies;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Monitoring;

/// <summary>Success with counterfactual guidance against what the policy would do without words.</summary>
internal static class GuidanceStudy
{
    /// <summary>g of the study.</summary>
    public static IReadOnlyList<double> Strengths { get; } = [0, 0.5, 1, 2];

    /// <summary>Splits of the study.</summary>
    public static IReadOnlyList<Split> Splits { get; } = [Split.S0, Split.Z1];

    private const ulong Seed = 303;

    /// <summary>Runs every task and split with every strength that a cell lacks.</summary>
    /// <param name="cell">What was measured before.</param>
    /// <param name="trained">The policy.</param>
    /// <param name="episodes">Episodes of each.</param>
    /// <param name="keep">Called after every measurement.</param>
    /// <param name="said">Told what is under way.</param>
    /// <param name="stop">Asks to stop.</param>
    public static void Run(MonitorCell cell, TrainedPolicy trained, int episodes, Action keep, Action<string> said, CancellationToken stop)
    {
        var weights = new CompiledWeights();
        foreach (var task in RobotTasks.All)
        {
            foreach (var split in Splits)
            {
                foreach (var strength in Strengths)
                {
                    if (cell.Guidance.Any(g => g.Strength == strength && g.Task == task.Name && g.Split == split.Name)) continue;
                    said($"{cell.Policy}: guidance {strength}, {task.Name} {split.Name}");
                    var condition = new RolloutCondition(split.Name, split);
                    var policy = new WatchedPolicy(trained, condition, weights, recorded: false, (float)strength);
                    var result = RolloutRecorder.Run(policy, trained, task, condition, episodes, Seed, stop);
                    cell.Guidance.Add(new GuidanceCount(strength, task.Name, split.Name, episodes, result.Successes));
                    keep();
                }
            }
        }
    }
}
