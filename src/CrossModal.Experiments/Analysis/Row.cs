using System.Globalization;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Analysis;

/// <summary>A strategy, or a setting of an ablation, over all its training seeds.</summary>
public sealed class Row
{
    // A further camera's layers are recorded as "…, view 2".
    private const string OfView = ", view ";

    private const double LeastRise = 0.05;

    // Of a normal distribution, one in twenty lies above.
    private const double OneSided = 1.645;

    private readonly CellPlace _place;
    private readonly IReadOnlyList<CellResult> _cells;

    /// <summary>Makes a row.</summary>
    /// <param name="place">Where it belongs.</param>
    /// <param name="cells">Its finished cells of the whole budget, in the order of their training seeds; at least one.</param>
    internal Row(CellPlace place, IReadOnlyList<CellResult> cells) => (_place, _cells) = (place, cells);

    /// <summary>Short name.</summary>
    public string Variant => _place.Variant;

    /// <summary>Label in tables: the setting of an ablation, else the strategy's title.</summary>
    public string Label => (_place.Setting.Length > 0 && _place.Group != Results.Distillation ? _place.Setting : _place.Label)
        + (Diverged > 0 && Diverged < _cells.Count ? $" ({Diverged} of {_cells.Count} runs diverged)" : "");

    /// <summary>Number of training runs that diverged; they were not tested.</summary>
    public int Diverged => _cells.Count(c => c.Diverged is not null);

    /// <summary>Whether every training run diverged.</summary>
    public bool HasDiverged => Diverged == _cells.Count;

    /// <summary>Name of its group: the strategies, or an ablation.</summary>
    internal string Group => _place.Group;

    /// <summary>Value of what an ablation changes; empty elsewhere.</summary>
    public string Setting => _place.Setting;

    /// <summary>Its finished cells of the whole budget, in the order of their training seeds.</summary>
    internal IReadOnlyList<CellResult> Cells => _cells;

    /// <summary>What was trained, apart from the seed.</summary>
    internal CellConfiguration Configuration => _cells[0].Configuration;

    /// <summary>Name of its fusion strategy.</summary>
    public string Strategy => Configuration.Policy.Strategy;

    /// <summary>Learning rate that it was trained with, at its peak.</summary>
    public double LearningRate => Configuration.Recipe.LearningRate;

    /// <summary>Samples (instructions answered) of each training run.</summary>
    public long Samples => Configuration.Samples;

    /// <summary>Training seeds.</summary>
    public IEnumerable<ulong> Seeds => _cells.Select(c => c.Configuration.Recipe.Seed);

    /// <summary>Trainable parameters of the policy.</summary>
    public long Parameters => _cells[0].Parameters;

    /// <summary>Floating-point operations of one control step.</summary>
    public double Flops => _cells[0].Flops;

    /// <summary>Mean seconds of training.</summary>
    public double TrainingSeconds => _cells.Average(c => c.Timing.TrainingSeconds);

    /// <summary>Share of successes in a split, or null where nothing was tested.</summary>
    public Share? Success(string split, string? task = null, PolicyControl control = PolicyControl.None) =>
        Measure(split, task, control, t => t.Succeeded, t => null);

    /// <summary>Share of new layouts in which another instruction changed behaviour, or null where that was not tested.</summary>
    public double? Changed(PolicyControl control)
    {
        var tests = _cells.SelectMany(c => Tests(c, Results.NewLayouts, null, control)).Where(t => t.Changed is not null).ToList();
        return tests.Count == 0 ? null : tests.Sum(t => t.Changed!.Value * t.Episodes) / tests.Sum(t => t.Episodes);
    }

    /// <summary>Share of episodes in which the target was touched first, among those in which anything was touched.</summary>
    public Share? TargetFirst(string split, string? task = null, PolicyControl control = PolicyControl.None) =>
        Measure(split, task, control, t => t.TargetFirst, t => t.Touched);

    /// <summary>Share of episodes in which the object nearest to where the policy first points is the right one.</summary>
    public Share? Pointing(string split, string? task = null, PolicyControl control = PolicyControl.None) =>
        Measure(split, task, control, t => t.Pointed, t => null);

    /// <summary>Whether each episode succeeded, run by run, those that were tested: tasks in the order of the plan.</summary>
    public IReadOnlyList<IReadOnlyList<bool>> Outcomes(string split) =>
        [.. _cells.Select(c => (IReadOnlyList<bool>)[.. Tests(c, split, null, PolicyControl.None)
            .SelectMany(t => EpisodeBits.Decode(t.Succeeded, t.Episodes))]).Where(run => run.Count > 0)];

    /// <summary>How episodes of a split ended, as shares: success first, then reasons in their order.</summary>
    public IReadOnlyList<double> Endings(string split)
    {
        var tests = _cells.SelectMany(c => Tests(c, split, null, PolicyControl.None)).ToList();
        var episodes = (double)tests.Sum(t => t.Episodes);
        return [.. Enum.GetValues<FailureReason>()
            .Select(r => (r == FailureReason.None ? tests.Sum(t => t.Successes)
            : tests.Sum(t => t.Failures.GetValueOrDefault(r))) / episodes)];
    }

    /// <summary>Layers in which words attend to patches, in the order they ran: what their records call them, the number of each among
    /// those of its camera, and the number of the camera; both from 1.</summary>
    public IReadOnlyList<(string Key, int Number, int View)> Layers =>
    [
        .. _cells.SelectMany(c => c.Grounding).Where(g => g.Words > 0).Select(g => g.Layer).Distinct()
            .Select(key => (Key: key, View: ViewOf(key))).GroupBy(layer => layer.View)
            .SelectMany(view => view.Select((layer, i) => (layer.Key, i + 1, view.Key))),
    ];

    /// <summary>Where the attention of words of a kind lies in each layer, over all tasks and runs, in the order the layers ran.</summary>
    public IReadOnlyList<GroundingRecord> Grounding(WordKind kind) =>
        [.. _cells.SelectMany(c => c.Grounding).Where(g => g.Kind == kind && g.Words > 0).GroupBy(g => g.Layer).Select(layer =>
        {
            var words = layer.Sum(g => g.Words);
            return new GroundingRecord("", layer.Key, kind, words, layer.Sum(g => g.Pointed), layer.Sum(g => g.Mass * g.Words) / words,
                layer.Sum(g => g.Area * g.Words) / words);
        })];

    /// <summary>Success on validation layouts, all runs together, against samples.</summary>
    public IReadOnlyList<(double X, Share Success)> Learning => Curve((cell, point) => cell.Learning[point].Samples);

    /// <summary>
    /// Whether it still rises at the end of its training: on validation layouts, all runs together, the last point is at least
    /// <see cref="LeastRise"/> above the mean of the two before, and a one-sided test of two shares says so too.
    /// </summary>
    /// <remarks>The learning rate falls to 0, so that every curve flattens: two points before the last are two fifths of the training, in
    /// which the rate falls from a third. The points share their layouts, which makes the test careful.</remarks>
    internal bool StillRises
    {
        get
        {
            if (Learning is not [.., var first, var second, var last]) return false;
            double end = last.Success.Of, before = first.Success.Of + second.Success.Of;
            var (counted, countedBefore) = (last.Success.Count, first.Success.Count + second.Success.Count);
            var together = (counted + countedBefore) / (end + before);
            var rise = counted / end - countedBefore / before;
            return rise >= LeastRise && rise > OneSided * Math.Sqrt(together * (1 - together) * (1 / end + 1 / before));
        }
    }

    /// <summary>The same against seconds of training, the mean of the runs.</summary>
    public IReadOnlyList<(double X, Share Success)> LearningByTime => Curve((cell, point) => cell.Timing.LearningSeconds[point]);

    /// <summary>Tests of a cell, in the order of the plan.</summary>
    internal static IEnumerable<TestRecord> Tests(CellResult cell, string split, string? task, PolicyControl control) =>
        cell.Tests.Where(t => t.Split == split && t.Control == control && (task is null || t.Task == task));

    private Share? Measure(string split, string? task, PolicyControl control, Func<TestRecord, string> counted,
        Func<TestRecord, string?> among)
    {
        var runs = _cells.Select(c => Tests(c, split, task, control).Aggregate((Count: 0, Of: 0), (sum, t) =>
            (sum.Count + Count(counted(t), t), sum.Of + (among(t) is { } bits ? Count(bits, t) : t.Episodes)))).Where(r => r.Of > 0)
                .ToList();
        return runs.Count == 0 ? null : new Share(runs);
    }

    private static int ViewOf(string layer) => layer.IndexOf(OfView, StringComparison.Ordinal) is var at and >= 0
        ? int.Parse(layer.AsSpan(at + OfView.Length), CultureInfo.InvariantCulture) : 1;

    private static int Count(string bits, TestRecord test) => EpisodeBits.Decode(bits, test.Episodes).Count(b => b);

    private List<(double, Share)> Curve(Func<CellResult, int, double> x)
    {
        var points = new List<(double, Share)>();
        var runs = _cells.Where(c => c.Diverged is null || HasDiverged).ToList();
        for (var p = 0; p < runs.Min(c => c.Learning.Count); p++)
        {
            var learned = runs.Select(c => c.Learning[p]).ToList();
            if (learned.Any(l => l.Episodes == 0)) continue;
            points.Add((runs.Average(c => x(c, p)), new Share([.. learned.Select(l => (l.Successes, l.Episodes))])));
        }

        return points;
    }
}
