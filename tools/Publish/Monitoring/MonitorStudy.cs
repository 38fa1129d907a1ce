using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Monitoring;
using CrossModal.Explain.Monitor;
using CrossModal.Policies;
using CrossModal.Publish.Monitoring.Detectors;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Monitoring;

/// <summary>Measures detectors on one policy: areas on seen and unseen tasks, and what thresholds do.</summary>
/// <param name="name">Name of the policy.</param>
/// <param name="trained">The policy.</param>
/// <param name="work">Folder for recorded episodes, which are not recorded again.</param>
/// <param name="episodes">Episodes of each task and circumstances.</param>
internal sealed class MonitorStudy(string name, TrainedPolicy trained, string work, int episodes)
{
    /// <summary>Seeds of every detector that is random.</summary>
    public const int Seeds = 3;

    /// <summary>Name of the circumstances of any failure.</summary>
    public const string Any = "all";

    /// <summary>Name of the monitor that computes no step without words.</summary>
    public const string WithoutEffect = "monitor without the effect";

    /// <summary>Successes of a task itself from which its threshold is found.</summary>
    private static readonly int[] Own = [20, 50, 100];

    private const ulong LearningSeed = 101;
    private const ulong FreshSeed = 202;
    private static readonly double[] Alphas = [0.05, 0.1, 0.2];
    private static readonly double[] Times = [0.25, 0.5, 1];

    private readonly List<Rollout> _learning = [];
    private readonly List<Rollout> _fresh = [];
    private MonitorLayout _layout = null!;

    /// <summary>Numbers of the fused feature, once episodes are recorded.</summary>
    public int Width => _layout.Fused;

    /// <summary>Records and measures what a cell lacks.</summary>
    /// <param name="cell">What was measured before.</param>
    /// <param name="keep">Called after every measurement, so that a run that is stopped goes on.</param>
    /// <param name="said">Told what is under way.</param>
    /// <param name="stop">Asks to stop.</param>
    public void Run(MonitorCell cell, Action keep, Action<string> said, CancellationToken stop)
    {
        Record(said, stop);
        if (cell.Rollouts.Count == 0)
            cell.Rollouts.AddRange(_learning.GroupBy(r => (r.Task, r.Condition))
                .Select(g => new RolloutCount(g.Key.Task, g.Key.Condition, g.Count(), g.Count(r => r.Success))));
        foreach (var task in RobotTasks.All.Select(t => t.Name))
        {
            foreach (var make in Makers())
            {
                stop.ThrowIfCancellationRequested();
                var detector = make().Name;
                if (cell.Areas.Any(a => a.Unseen && a.Task == task && a.Detector == detector)) continue;
                said($"{name}: {detector}, {task} unseen");
                cell.Areas.AddRange(Areas(make, task));
                keep();
            }
        }

        for (var seed = 0; seed < Seeds; seed++)
        {
            foreach (var unseen in (string?[])[null, .. RobotTasks.All.Select(t => t.Name)])
            {
                stop.ThrowIfCancellationRequested();
                if (cell.Stops.Any(s => s.Seed == seed && s.Task == (unseen ?? Any))) continue;
                said($"{name}: threshold {seed}, {unseen ?? Any}");
                cell.Stops.AddRange(Stops(seed, unseen));
                keep();
            }
        }
    }

    /// <summary>Area of a detector on unseen tasks at half of the limit, mean over tasks; one seed.</summary>
    /// <param name="make">Makes the detector.</param>
    public double UnseenArea(Func<IDetector> make) => RobotTasks.All.Average(task =>
        Areas(make, task.Name, seeds: 1).First(a => a is { Unseen: true, Condition: Any, Time: "0.5" }).Area);

    private Func<IDetector>[] Makers()
    {
        var (layout, used, width) = (_layout, _layout with { EffectEvery = MonitorFitting.EffectEvery }, _layout.Fused);
        return
        [
            () => new WindowDetector("monitor", used),
            () => new WindowDetector("monitor, effect at every step", layout),
            () => new WindowDetector("monitor, effect at every 8th step", layout with { EffectEvery = 8 }),
            () => new WindowDetector("monitor, effect at the first step alone", layout with { EffectEvery = int.MaxValue }),
            () => new WindowDetector(WithoutEffect, layout with { EffectEvery = 0 }),
            () => new WindowDetector("monitor + the step's own numbers", used, everything: true),
            () => new SafeMlp(width), () => new SafeLstm(width), () => new NearestFeatures(width), () => new DirectionReversal(layout),
            () => new CounterfactualEffect(layout), () => new LengthOnly(),
        ];
    }

    /// <summary>Records what has not been recorded, and reads all.</summary>
    /// <param name="said">Told what is under way.</param>
    /// <param name="stop">Asks to stop.</param>
    public void Record(Action<string> said, CancellationToken stop)
    {
        foreach (var task in RobotTasks.All)
        {
            foreach (var condition in RolloutCondition.All)
            {
                _learning.AddRange(Recorded(task, condition, LearningSeed, said, stop));
                if (RolloutCondition.IsNominal(condition.Name)) _fresh.AddRange(Recorded(task, condition, FreshSeed, said, stop));
            }
        }
    }

    private IReadOnlyList<Rollout> Recorded(RobotTask task, RolloutCondition condition, ulong seed, Action<string> said,
        CancellationToken stop)
    {
        var path = Path.Combine(work, $"{name}-{task.Name}-{condition.Name}-{seed}-{episodes}.safetensors");
        if (!File.Exists(path))
        {
            stop.ThrowIfCancellationRequested();
            said($"{name}: recording {task.Name}, {condition.Name}");
            var (layout, rollouts) = RolloutRecorder.Record(trained, task, condition, episodes, seed, stop);
            RolloutFile.Write(path, layout, rollouts);
        }

        var (found, recorded) = RolloutFile.Read(path);
        if (_layout is not null && found != _layout) throw new FileFormatException(path, "was recorded of another policy");
        _layout = found;
        return recorded;
    }

    /// <summary>A detector that learns from half of the episodes of the other tasks, on the other half of those and on the task
    /// itself.</summary>
    private IEnumerable<DetectionArea> Areas(Func<IDetector> make, string task, int seeds = Seeds)
    {
        Rollout[] learned = [.. _learning.Where(r => r.Task != task && r.Episode % 2 == 0)];
        Rollout[] held = [.. _learning.Where(r => r.Episode % 2 == 1)];
        var scored = new List<ScoredEpisode[]>();
        var random = make().IsRandom;
        for (var seed = 0; seed < (random ? seeds : 1); seed++)
        {
            var detector = make();
            detector.Fit(learned, (ulong)seed);
            scored.Add([.. held.Select(r => Score(detector, r))]);
        }

        var name = make().Name;
        foreach (var tested in RobotTasks.All.Select(t => t.Name))
        {
            var unseen = tested == task;
            foreach (var time in Times)
            {
                if (Area(tested, Any, scores => MatchedPairs.AtShareOfLimit(scores, time)) is { Any: true } pairs)
                    yield return new DetectionArea(name, tested, unseen, Any, Text(time), pairs.Area, pairs.Spread());
                if (!unseen) continue;
                if (Area(tested, Any, scores => MatchedPairs.AtShareOfSuccess(scores, time)) is { Any: true } own)
                    yield return new DetectionArea(name, tested, unseen, Any, "s" + Text(time), own.Area, own.Spread());
            }

            if (!unseen) continue;
            foreach (var condition in RolloutCondition.All)
                if (Area(tested, condition.Name, scores => MatchedPairs.AtShareOfLimit(scores, 0.5)) is { Any: true } pairs)
                    yield return new DetectionArea(name, tested, unseen, condition.Name, "0.5", pairs.Area, pairs.Spread());
        }

        MatchedPairs Area(string tested, string condition, Func<IReadOnlyList<ScoredEpisode>, MatchedPairs> pair)
        {
            var chosen = Enumerable.Range(0, held.Length).Where(i => held[i].Task == tested
                && (held[i].Success || condition == Any || held[i].Condition == condition)).ToList();
            return MatchedPairs.Mean([.. scored.Select(seed => pair([.. chosen.Select(i => seed[i])]))]);
        }
    }

    private static string Text(double time) => time.ToString(CultureInfo.InvariantCulture);

    private static ScoredEpisode Score(IDetector detector, Rollout rollout)
    {
        var scores = detector.Score(rollout);
        return detector.IsMean ? new ScoredEpisode(rollout.Success, rollout.Limit, scores) : MonitorFitting.Highest(rollout, scores);
    }

    /// <summary>A monitor that learns from half of the episodes and is calibrated on successes of the other half, on fresh episodes; for a
    /// task that is not seen also with thresholds from successes of its own.</summary>
    private IEnumerable<StopCount> Stops(int seed, string? unseen)
    {
        var layout = _layout with { EffectEvery = MonitorFitting.EffectEvery };
        var known = _learning.Where(r => r.Task != unseen).ToList();
        var network = MonitorFitting.Train(layout, [.. known.Where(r => r.Episode % 2 == 0)],
            new MonitorTrainingOptions { Seed = (ulong)seed });
        Rollout[] held = [.. known.Where(r => r.Episode % 2 == 1 && RolloutCondition.IsNominal(r.Condition))];
        ScoredEpisode[] fresh = [.. _fresh.Where(r => unseen is null || r.Task == unseen)
            .Select(r => MonitorFitting.Score(network, layout, r))];
        ScoredEpisode[] failing = [.. fresh.Where(e => !e.Success), .. _learning
            .Where(r => !r.Success && r.Episode % 2 == 1 && !RolloutCondition.IsNominal(r.Condition)
                && (unseen is null || r.Task == unseen))
            .Select(r => MonitorFitting.Score(network, layout, r))];
        Rollout[] own = unseen is null ? [] : Drawn([.. _learning
            .Where(r => r.Task == unseen && r.Success && RolloutCondition.IsNominal(r.Condition))], (ulong)seed);
        foreach (var (successes, count) in new[] { (held, 0) }.Concat(Own.Where(n => n <= own.Length).Select(n => (own[..n], n))))
        {
            foreach (var alpha in Alphas.Where(alpha => successes.Count(r => r.Success) >= ConformalRank.Least(alpha)))
            {
                var threshold = MonitorFitting.Calibrate(network, layout, successes, alpha).Threshold;
                ScoredEpisode[] stopped = [.. failing.Where(e => e.Scores[^1] > threshold)];
                yield return new StopCount(alpha, seed, unseen is not null, unseen ?? Any, fresh.Count(e => e.Success),
                    fresh.Count(e => e.Success && e.Scores[^1] > threshold), failing.Length, stopped.Length, stopped.Length == 0 ? 0
                        : stopped.Average(e => (Array.FindIndex(e.Scores, s => s > threshold) + 1.0) / e.Limit), count);
            }
        }
    }

    private static Rollout[] Drawn(Rollout[] rollouts, ulong seed)
    {
        new RandomSource(seed, RandomSource.SeedAlone).Shuffle(rollouts.AsSpan());
        return rollouts;
    }
}
