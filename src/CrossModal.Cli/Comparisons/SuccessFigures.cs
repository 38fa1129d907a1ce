using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>Drawings of how often strategies succeed.</summary>
/// <param name="language">The language of names and labels.</param>
internal sealed class SuccessFigures(ToolLanguage language)
{
    private const int Measured = 0;
    private const int TextbookGroup = 3;
    private const int OneRun = 5;

    private static readonly string[] Headlines = [Results.NewLayouts, Results.UnseenPairs];

    private readonly ComparisonFigureTexts _texts = new(language);
    private readonly RowTexts _rows = new(language);

    /// <summary>Success on new layouts and unseen pairs, beside the textbook's numbers where it has some.</summary>
    public DotPlot Headline(Results results)
    {
        var beside = results.Rows.Any(row => Textbook.Of(results, row) is not null);
        var splits = Headlines.Where(results.Splits.Contains).ToList();
        return new DotPlot([.. splits.Select(s => new DotPanel(_texts.Split(s)))],
            [.. results.Rows.Select(row => Plotted(row, [.. splits.Select(s =>
                Dots(row.Success(s), s == Results.NewLayouts ? Textbook.Of(results, row)?.Success : null))]))])
        {
            Legend = [new(Intervals(results.Rows), Measured),
                .. beside ? [new(_texts.Textbook, TextbookGroup, true)] : Array.Empty<LegendEntry>()],
        };
    }

    /// <summary>Success of every strategy in every split, all tasks together or one.</summary>
    public DotPlot Splits(Results results, string? task) => new(
        [.. results.Splits.Select(s => new DotPanel(s))],
        [.. results.Rows.Select(row => Plotted(row, [.. results.Splits.Select(s => Dots(row.Success(s, task)))]))])
    {
        Figures =
            results.Splits.Count <= 4
    };

    /// <summary>Success on new layouts with something withheld.</summary>
    public DotPlot Controls(Results results) => new(
        [.. results.Controls.Select(c => new DotPanel(_texts.Of(c)) { Levels = c == PolicyControl.NoLanguage && results.Untold is { } chance
            ? [(chance, _texts.Chance)] : [] })],
        [.. results.Rows.Select(row => Plotted(row, [.. results.Controls.Select(c =>
            Dots(row.Success(Results.NewLayouts, null, c)))]))])
    { Figures = results.Controls.Count <= 5 };

    /// <summary>What happens on the way: the right object pointed at first, touched first, and the task done.</summary>
    public DotPlot OnTheWay(Results results, string split) => new(
        [new DotPanel(_texts.PointsAtTarget), new DotPanel(_texts.TouchesTarget), new DotPanel(_texts.Success)],
        [.. results.Rows.Select(row => Plotted(row, Dots(row.Pointing(split)), Dots(row.TargetFirst(split)), Dots(row.Success(split))))
            .Select((plotted, r) => results.Rows[r].Success(split) is null ? plotted : plotted with { Missing = _texts.TouchesNothing })]);

    /// <summary>How episodes end.</summary>
    public StackedBars Endings(Results results, string split) => new(
        _texts.Endings,
        [.. results.Rows.Where(r => r.Success(split) is not null).Select(row => new StackedRow(_rows.Name(row), row.Endings(split)))]);

    /// <summary>Differences between neighbours in a ranking, with intervals over training runs and episodes.</summary>
    public DotPlot Differences(IReadOnlyList<PairedTest> tests) => new(
        [new DotPanel(_texts.Difference) { Shares = false, Text = Tables.Signed, Levels = [(0, _texts.Equal)] }],
        [.. tests.Select(t => new DotRow(_rows.Pair(t, "−"),
            [new Dot(new Interval(100 * t.Difference.Value, 100 * t.Difference.Lower, 100 * t.Difference.Upper),
                t.IsSignificant switch { true => 0, false => 6, null => OneRun })]))])
    {
        Legend = tests.All(t => t.Runs == 1) ? [new(_texts.OneRun, OneRun)]
            : [new(_texts.ToldApart, 0), new(_texts.NotToldApart, 6),
                .. tests.Any(t => t.Runs == 1) ? [new(_texts.OneRun, OneRun)] : Array.Empty<LegendEntry>()],
    };

    /// <summary>Success on validation layouts against training samples, strategy by strategy.</summary>
    public CurveChart Learning(Results results) =>
        Panels(results, _texts.Samples, row => row.Learning, row => results.Budgets(row));

    /// <summary>Success on validation layouts against time spent in training.</summary>
    public CurveChart LearningByTime(Results results) =>
        Panels(results, _texts.TrainingSeconds, results.LearningByTime);

    /// <summary>An ablation: curves where it is about samples, the variants one below the other where not.</summary>
    public IDrawing Ablation(Results results, string group) => group switch
    {
        "data" => Data(results, group),
        "pretraining" => Pretraining(results, group),
        _ => Variants(results, group),
    };

    /// <summary>The variants of an ablation; the textbook's numbers beside where it has some.</summary>
    private DotPlot Variants(Results results, string group)
    {
        var splits = Headlines.Where(results.Splits.Contains).ToList();
        var rows = results.Group(group);
        var book = Textbook.Of(results, group);
        return new DotPlot([.. splits.Select(s => new DotPanel(_texts.Split(s)))],
            [.. rows.Select(row => Plotted(row, [.. splits.Select(s => Dots(row.Success(s),
                s == Results.NewLayouts && book.TryGetValue(row.Setting, out var success) ? success : null))]))])
        {
            Legend = [new(Intervals(rows), Measured),
                .. book.Count > 0 ? [new(_texts.Textbook, TextbookGroup, true)] : Array.Empty<LegendEntry>()],
        };
    }

    /// <summary>Success against the number of samples a policy was trained on, each point a training of its own.</summary>
    private CurveChart Data(Results results, string group)
    {
        var splits = Headlines.Where(results.Splits.Contains).ToList();
        return new CurveChart(_texts.AllSamples, _texts.Success,
            new CurvePanel("", [.. splits.Select((s, i) => new Curve(_texts.Split(s), [.. results.Group(group)
                .Where(r => r.Success(s) is not null)
                .OrderBy(r => r.Configuration.Samples).Select(r => new CurvePoint(r.Configuration.Samples, r.Success(s)!.Drawn()))], i))]))
        {
            LogX = true,
            PanelHeight = 220,
            Legend = [.. splits.Select((s, i) => (_texts.Split(s), i))],
        };
    }

    /// <summary>The same with and without captions before.</summary>
    private CurveChart Pretraining(Results results, string group)
    {
        string[] names = [_texts.WithoutCaptions, _texts.AfterCaptions];
        return new CurveChart(_texts.AllSamples, _texts.Success, [.. Headlines.Where(results.Splits.Contains).Select(split =>
            new CurvePanel(_texts.Split(split), [.. names.Select((name, i) => new Curve(name, Points(split, i == 1), i))]))])
        {
            LogX = true,
            Legend = [.. names.Select((name, i) => (name, i))],
        };

        IReadOnlyList<CurvePoint> Points(string split, bool pretrained) => [.. results.Group(group)
            .Where(r => r.Success(split) is not null && r.Configuration.Pretraining is not null == pretrained)
            .OrderBy(r => r.Configuration.Samples).Select(r => new CurvePoint(r.Configuration.Samples, r.Success(split)!.Drawn()))];
    }

    /// <summary>What the intervals of rows are over.</summary>
    private string Intervals(IReadOnlyList<Row> rows) => _texts.OverRuns(rows.Any(row => row.Cells.Count - row.Diverged > 1),
        rows.Any(row => row.Cells.Count - row.Diverged == 1));

    /// <summary>A row that says why it has no value.</summary>
    internal DotRow Plotted(Row row, params IReadOnlyList<IReadOnlyList<Dot>> panels) =>
        new(_rows.Name(row), panels) { Missing = _rows.Absent(row) };

    /// <summary>Whether another instruction in the same scene changes behaviour, beside success by the goal that it names.</summary>
    public DotPlot OtherInstruction(Results results) => new(
        [new DotPanel(_texts.Changes), new DotPanel(_texts.AndSucceeds)],
        [.. results.Rows.Select(row => Plotted(row, row.Changed(PolicyControl.OtherInstruction) is { } changed
            ? [new Dot(new Interval(changed, double.NaN, double.NaN))] : [],
            Dots(row.Success(Results.NewLayouts, null, PolicyControl.OtherInstruction))))]);

    /// <summary>A share as a dot, and the textbook's number as another; none where neither is.</summary>
    internal static IReadOnlyList<Dot> Dots(Share? share, double? book = null)
    {
        var dots = new List<Dot>();
        if (book is { } value) dots.Add(new Dot(new Interval(value, double.NaN, double.NaN), TextbookGroup) { Reference = true });
        if (share is not null) dots.Add(new Dot(share.Drawn()) { Parts = share.Runs.Count > 1 ? share.Runs : [] });
        return dots;
    }

    private CurveChart Panels(Results results, string across, Func<Row, IReadOnlyList<(double X, Share Success)>> points,
        Func<Row, IReadOnlyList<(double X, Share Success)>>? shorter = null)
    {
        var curves = results.Rows.Select(row => Curve(_rows.Name(row), points(row), 0)).ToList();
        var others = results.Rows.Select(row => Curve(_texts.ShorterTrainings, shorter?.Invoke(row) ?? [], 1)).ToList();
        return new CurveChart(across, _texts.ValidationSuccess,
            [.. curves.Zip(others, (c, o) => new CurvePanel(c.Name, o.Points.Count == 0 ? [c]
                : [c, o]) { Context = [.. curves.Where(x => x != c)] })])
        {
            Legend = others.Any(o => o.Points.Count > 0) ? [(_texts.OneTraining, 0), (_texts.OwnTrainings, 1)]
                : [],
        };
    }

    private static Curve Curve(string name, IEnumerable<(double X, Share Success)> points, int style) =>
        new(name, [.. points.Select(p => new CurvePoint(p.X, p.Success.Drawn()))], style);
}
