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

    /// <summary>Runs every task and split with every strength.</summary>
    public static List<GuidanceCount> Run(string name, TrainedPolicy trained, int episodes, Action<string> said, CancellationToken stop)
    {
        var (weights, counts) = (new CompiledWeights(), new List<GuidanceCount>());
        foreach (var strength in Strengths)
        {
            foreach (var task in RobotTasks.All)
            {
                foreach (var split in Splits)
                {
                    said($"{name}: guidance {strength}, {task.Name} {split.Name}");
                    var condition = new RolloutCondition(split.Name, split);
                    var policy = new WatchedPolicy(trained, condition, weights, recorded: false, (float)strength);
                    var result = RolloutRecorder.Run(policy, trained, task, condition, episodes, Seed, stop);
                    counts.Add(new GuidanceCount(strength, task.Name, split.Name, episodes, result.Successes));
                }
            }
        }

        return counts;
    }
}
