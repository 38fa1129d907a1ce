using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Monitoring;
using CrossModal.Explain.Monitor;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Runs;

/// <summary>Fits a monitor to a policy's episodes on the tabletop, or measures one on others.</summary>
/// <param name="context">Where to print, when to stop.</param>
/// <param name="checkpoint">Folder of the policy.</param>
/// <param name="tasks">The tasks.</param>
/// <param name="episodes">Episodes of each task and circumstances.</param>
/// <param name="seed">Seed of the scenes.</param>
internal sealed class MonitorRun(CommandContext context, string checkpoint, IReadOnlyList<RobotTask> tasks, int episodes, ulong seed)
{
    private static readonly double[] Times = [0.25, 0.5, 1];
    private readonly MonitorTexts _texts = new(context.Language);

    /// <summary>Records, trains, calibrates and writes the monitor beside the policy.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="alpha">Largest share of successes stopped by mistake.</param>
    /// <param name="effectEvery">After how many steps the monitor is given the counterfactual effect again; 0 for never.</param>
    public void Fit(TrainedPolicy trained, double alpha, int effectEvery)
    {
        var (recorded, rollouts) = Record(trained);
        var layout = recorded with { EffectEvery = effectEvery };
        Rollout[] learned = [.. rollouts.Where(r => r.Episode % 2 == 0)], held = [.. rollouts.Where(r => r.Episode % 2 == 1)];
        try
        {
            var network = MonitorFitting.Train(layout, learned, new MonitorTrainingOptions { Seed = seed });
            var monitor = MonitorFitting.Calibrate(network, layout, [.. held.Where(IsNominal)], alpha);
            monitor.Save(Folder);
            var path = Path.Combine(Folder, MonitorFile.Name);
            context.Print(_texts.Fitted(learned.Length, monitor.Calibrated, alpha, path));
            context.Result["monitor"] = path;
            context.Result["threshold"] = monitor.Threshold;
            context.Result["calibrated"] = monitor.Calibrated;
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"{checkpoint}: {error.Message}", error);
        }
    }

    /// <summary>Records other episodes and says what the monitor makes of them.</summary>
    /// <param name="trained">The policy.</param>
    public void Evaluate(TrainedPolicy trained)
    {
        var monitor = MonitorFile.Load(Folder);
        var (recorded, rollouts) = Record(trained);
        var layout = recorded with { EffectEvery = monitor.Layout.EffectEvery };
        if (layout != monitor.Layout) throw new ArgumentException($"{checkpoint}: its monitor was fitted to a policy of other sizes");
        var scored = rollouts.Select(r => (Rollout: r, Score: MonitorFitting.Score(monitor.Network, layout, r))).ToList();
        var areas = new JsonObject();
        foreach (var time in Times)
        {
            var pairs = MatchedPairs.AtShareOfLimit([.. scored.Select(s => s.Score)], time);
            context.Print(_texts.Area(time, pairs.Area, 1.96 * (pairs.Any ? pairs.Spread() : double.NaN)));
            areas[FormattableString.Invariant($"{time}")] = CommandContext.Number(pairs.Area);
        }

        var nominal = scored.Where(s => IsNominal(s.Rollout) && s.Rollout.Success).ToList();
        var mistaken = WilsonInterval.Of(nominal.Count(s => s.Score.Scores[^1] > monitor.Threshold), nominal.Count);
        context.Print(_texts.FalseStops(mistaken, nominal.Count, monitor.Alpha));
        var stopped = new JsonObject();
        foreach (var failures in scored.Where(s => !s.Rollout.Success).GroupBy(s => s.Rollout.Condition))
        {
            var share = WilsonInterval.Of(failures.Count(s => s.Score.Scores[^1] > monitor.Threshold), failures.Count());
            context.Print(_texts.Stopped(failures.Key, share, failures.Count()));
            stopped[failures.Key] = CommandContext.Number(share.Rate);
        }

        context.Result["areas"] = areas;
        context.Result["falseStops"] = CommandContext.Number(mistaken.Rate);
        context.Result["successes"] = nominal.Count;
        context.Result["stopped"] = stopped;
    }

    private string Folder => Path.GetDirectoryName(Path.GetFullPath(PolicyFolder.WeightsPath(checkpoint)))!;

    private static bool IsNominal(Rollout rollout) => RolloutCondition.IsNominal(rollout.Condition);

    private (MonitorLayout Layout, List<Rollout> Rollouts) Record(TrainedPolicy trained)
    {
        MonitorLayout? layout = null;
        var rollouts = new List<Rollout>();
        foreach (var task in tasks)
        {
            foreach (var condition in RolloutCondition.All)
            {
                var (found, recorded) = RolloutRecorder.Record(trained, task, condition, episodes, seed, context.Stop);
                (layout, rollouts) = (found, [.. rollouts, .. recorded]);
                var successes = recorded.Count(r => r.Success);
                context.Terminal.Error.WriteLine(_texts.Recorded(task.Name, condition.Name, successes, recorded.Count));
            }
        }

        return (layout!, rollouts);
    }
}
