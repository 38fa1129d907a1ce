using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Analysis;

/// <summary>The results of a comparison: its cells joined to rows, a row for each strategy and for each setting of an ablation, over all
/// training seeds.</summary>
/// <remarks>Where the whole of the textbook's table was run, <see cref="Rows"/> are that table, with strategies that are not the library's
/// own below it, and the library's other strategies are <see cref="Further"/>; else all are <see cref="Rows"/>.</remarks>
public sealed class Results
{
    /// <summary>The group that the table shows.</summary>
    public const string Strategies = "strategies";

    /// <summary>The group of students with and without a teacher.</summary>
    public const string Distillation = "distillation";

    /// <summary>New layouts of what was trained on.</summary>
    public const string NewLayouts = "S0";

    /// <summary>Colour–shape pairs that are absent from training.</summary>
    public const string UnseenPairs = "Z1";

    private const string Baseline = "concat-pooled";

    private static readonly HashSet<string> OfTextbook = [.. ComparisonVariants.OfTextbook.Select(v => v.Name)];
    private static readonly HashSet<string> OfLibrary = [.. ComparisonVariants.Further.Select(v => v.Name)];

    private readonly Dictionary<string, IReadOnlyList<Row>> _groups;
    private readonly bool _isApart;
    private readonly bool _isFurther;

    /// <summary>Joins the cells of a comparison.</summary>
    internal Results(ComparisonResults file, bool further = false)
    {
        (File, _isFurther) = (file, further);
        _groups = file.Cells.Where(c => c.Place.Role == CellRole.Final).GroupBy(c => c.Place.Group).ToDictionary(g => g.Key, g =>
            (IReadOnlyList<Row>)[.. g.GroupBy(c => (c.Place.Variant, c.Place.Setting)).Select(v =>
                new Row(v.First().Place, [.. v.Select(c => c.Result).DistinctBy(r => r.Configuration.Recipe.Seed)
                    .OrderBy(r => r.Configuration.Recipe.Seed)]))]);
        _isApart = OfTextbook.IsSubsetOf(Group(Strategies).Select(r => r.Variant));
        var tests = file.Cells.SelectMany(c => c.Result.Tests).ToList();
        Splits = [.. Order(tests.Select(t => t.Split), Split.All.Select(s => s.Name))];
        Tasks = [.. Order(tests.Select(t => t.Task), RobotTasks.All.Select(t => t.Name))];
        var untold = tests.Where(t => t is { Split: NewLayouts, Control: PolicyControl.NoLanguage, Chance: > 0 }).ToList();
        Untold = untold.Count == 0 ? null : untold.Sum(t => t.Chance * t.Episodes) / untold.Sum(t => t.Episodes);
        Controls = [.. tests.Select(t => t.Control).Distinct().Order()];
    }

    /// <summary>Loads what <c>crossmodal compare</c> measured; times of steps that lie beside it stand in place of its own.</summary>
    /// <param name="path">Its <c>results.json</c>, packed by gzip or not, or the folder that holds one.</param>
    /// <exception cref="Engine.Formats.FileFormatException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static Results Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) path = ComparisonFile.Find(path) ?? Path.Combine(path, ComparisonFile.ResultsName);
        var file = ComparisonFile.ReadResults(path);
        var times = ComparisonFile.FindTimes(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new Results(times is null ? file : file with { Speeds = times.Rows }) { Times = times };
    }

    /// <summary>Where the cells were run, and where control steps were timed: one machine, or all of them.</summary>
    public string Machine => string.Join("; ", File.Cells.Select(c => c.Result.Timing.Machine).Append(File.Machine).Distinct());

    /// <summary>What was read.</summary>
    internal ComparisonResults File { get; }

    /// <summary>Times of steps that were measured by themselves; null where the results' own are used.</summary>
    internal ComparisonTimes? Times { get; private init; }

    /// <summary>The rows of the strategies, in the order of the plan.</summary>
    public IReadOnlyList<Row> Rows => [.. Group(Strategies).Where(r => Includes(r.Variant))];

    /// <summary>The same comparison with the rows of the strategies that stand apart from the textbook's table; no rows where none
    /// do.</summary>
    public Results Further => new(File, further: true) { Times = Times };

    /// <summary>Splits in which anything was tested, in their order.</summary>
    public IReadOnlyList<string> Splits { get; }

    /// <summary>Tasks that anything was tested on, in their order.</summary>
    public IReadOnlyList<string> Tasks { get; }

    /// <summary>What was withheld in any test, nothing included.</summary>
    public IReadOnlyList<PolicyControl> Controls { get; }

    /// <summary>Share of new layouts in which the goal is guessed by chance from the scene alone, without the instruction; null where no
    /// test says.</summary>
    public double? Untold { get; }

    /// <summary>Names of the ablations that were asked for and of which there is something to compare, in the order of the plan.</summary>
    public IEnumerable<string> Ablations => _groups.Where(g => g.Key is not (Strategies or Distillation) && g.Value.Count > 1)
        .Select(g => g.Key).Where(group => File.Groups?.Contains(group) ?? true);

    /// <summary>The mean-pooled concatenation, which all others are held against; null when it was not run.</summary>
    public Row? Concatenation => Group(Strategies).FirstOrDefault(r => r.Configuration.Policy.Strategy == Baseline);

    /// <summary>Rows of a group, in the order of the plan.</summary>
    public IReadOnlyList<Row> Group(string name) => _groups.GetValueOrDefault(name) ?? [];

    /// <summary>The cells of the strategies shown in another role: a sweep, or shorter budgets.</summary>
    internal IEnumerable<ComparedCell> Cells(CellRole role) =>
        File.Cells.Where(c => c.Place.Group == Strategies && c.Place.Role == role && Includes(c.Place.Variant));

    /// <summary>Success on validation layouts at the end of trainings with a shorter budget, and with the whole one, against their samples;
    /// empty without shorter ones.</summary>
    public IReadOnlyList<(double X, Share Success)> Budgets(Row row)
    {
        var shorter = Cells(CellRole.Budget).Where(c => c.Place.Variant == row.Variant && c.Result.Learning.Count > 0)
            .GroupBy(c => c.Result.Configuration.Samples)
            .OrderBy(g => g.Key).Select(g => (X: (double)g.Key, Learned: g.Select(c => c.Result.Learning[^1]).ToList())).ToList();
        return shorter.Count == 0 ? [] :
        [
            .. shorter.Select(s => (s.X, new Share([.. s.Learned.Select(l => (l.Successes, l.Episodes))]))),
            .. row.Learning.TakeLast(1),
        ];
    }

    /// <summary>Strategies with a result in a split, the best first.</summary>
    public IReadOnlyList<Row> Ranking(string split) =>
        [.. Rows.Where(r => r.Success(split) is not null).OrderByDescending(r => r.Success(split)!.Interval.Value)];

    /// <summary>The ranking without rows that still rise at the end of their training: where they would end is not known.</summary>
    internal IReadOnlyList<Row> Ranked(string split) => [.. Ranking(split).Where(r => !r.StillRises)];

    /// <summary>Each ranked strategy against the next best; one that still rises at its end is not ranked.</summary>
    public IReadOnlyList<PairedTest> Neighbours(string split)
    {
        var ranking = Ranked(split);
        return PairedTest.Of(ranking.Zip(ranking.Skip(1)), split);
    }

    /// <summary>Each strategy against mean-pooled concatenation.</summary>
    public IReadOnlyList<PairedTest> AgainstConcatenation(string split) =>
        Concatenation is { } other ? PairedTest.Of(Ranking(split).Where(r => r != other).Select(r => (r, other)), split) : [];

    /// <summary>Milliseconds of a control step of a row: measured alone where it was, else while other cells were running.</summary>
    public (double Median, double Low, double High, bool Alone) Latency(Row row) =>
        File.Speeds.FirstOrDefault(s => s.Variant == row.Variant) is { } speed
        ? (speed.MedianMilliseconds, speed.LowMilliseconds, speed.HighMilliseconds, true)
        : (row.Cells.Min(c => c.Timing.LatencyMilliseconds), double.NaN, double.NaN, false);

    /// <summary>Seconds of the whole training of a row: its steps times what one takes, timed in turn where it was, else as the clock
    /// ran.</summary>
    public double TrainingSeconds(Row row) =>
        StepMilliseconds(row) is { } step ? row.Configuration.Recipe.Steps * step / 1000 : row.TrainingSeconds;

    /// <summary>Success of a row on validation layouts, all runs together, against seconds of training.</summary>
    public IReadOnlyList<(double X, Share Success)> LearningByTime(Row row)
    {
        if (StepMilliseconds(row) is null) return row.LearningByTime;
        var (whole, samples) = (TrainingSeconds(row), (double)row.Configuration.Samples);
        return [.. row.Learning.Select(p => (p.X / samples * whole, p.Success))];
    }

    private double? StepMilliseconds(Row row) => File.Speeds.FirstOrDefault(s => s.Variant == row.Variant)?.TrainingMilliseconds;

    /// <summary>What a split is, in a line.</summary>
    public static string Describe(string split) => Split.All.FirstOrDefault(s => s.Name == split)?.Description ?? split;

    private bool Includes(string variant) => (_isApart && OfLibrary.Contains(variant)) == _isFurther;

    private static IEnumerable<string> Order(IEnumerable<string> found, IEnumerable<string> order)
    {
        var known = order.ToList();
        return found.Distinct().OrderBy(name => known.IndexOf(name) is var at && at < 0 ? int.MaxValue : at);
    }
}
