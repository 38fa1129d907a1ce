using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>Drawings of how often strategies succeed.</summary>
internal static class SuccessFigures
{
    private const int Measured = 0;
    private const int TextbookGroup = 3;
    private const int OneRun = 5;

    private static readonly string[] Headlines = [Results.NewLayouts, Results.UnseenPairs];

    /// <summary>What a control withholds, in words.</summary>
    public static string Describe(PolicyControl control) => control switch
    {
        PolicyControl.None => "as asked",
        PolicyControl.NoLanguage => "no words",
        PolicyControl.NoVision => "no picture",
        PolicyControl.ShuffledInstruction => "another's words",
        PolicyControl.OtherInstruction => "another goal",
        _ => string.Concat(control.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : i == 0
            ? $"{char.ToLowerInvariant(c)}" : $"{c}")),
    };

    /// <summary>A split with its meaning, short enough for a title.</summary>
    public static string Title(string split) => split switch
    {
        Results.NewLayouts => "New layouts (S0)",
        Results.UnseenPairs => "Unseen colour–shape pairs (Z1)",
        _ => split,
    };

    /// <summary>Success on new layouts and unseen pairs, beside the textbook's numbers where it has some.</summary>
    public static DotPlot Headline(Results results)
    {
        var beside = results.Rows.Any(row => Textbook.Of(results, row) is not null);
        var splits = Headlines.Where(results.Splits.Contains).ToList();
        return new DotPlot([.. splits.Select(s => new DotPanel(Title(s)))],
            [.. results.Rows.Select(row => Plotted(row, [.. splits.Select(s =>
                Dots(row.Success(s), s == Results.NewLayouts ? Textbook.Of(results, row)?.Success : null))]))])
        {
            Legend = [(Intervals(results.Rows), Measured, false),
                .. beside ? [("textbook", TextbookGroup, true)] : Array.Empty<(string, int, bool)>()],
        };
    }

    /// <summary>Success of every strategy in every split, all tasks together or one.</summary>
    public static DotPlot Splits(Results results, string? task) => new(
        [.. results.Splits.Select(s => new DotPanel(s))],
        [.. results.Rows.Select(row => Plotted(row, [.. results.Splits.Select(s => Dots(row.Success(s, task)))]))])
    {
        Figures =
            results.Splits.Count <= 4
    };

    /// <summary>Success on new layouts with something withheld.</summary>
    public static DotPlot Controls(Results results) => new(
        [.. results.Controls.Select(c => new DotPanel(Describe(c)) { Levels = c == PolicyControl.NoLanguage && results.Untold is { } chance
            ? [(chance, "chance")] : [] })],
        [.. results.Rows.Select(row => Plotted(row, [.. results.Controls.Select(c =>
            Dots(row.Success(Results.NewLayouts, null, c)))]))])
    { Figures = results.Controls.Count <= 5 };

    /// <summary>What happens on the way: the right object pointed at first, touched first, and the task done.</summary>
    public static DotPlot OnTheWay(Results results, string split) => new(
        [new DotPanel("points at the right object"), new DotPanel("touches it first"), new DotPanel("success")],
        [.. results.Rows.Select(row => Plotted(row, Dots(row.Pointing(split)), Dots(row.TargetFirst(split)), Dots(row.Success(split))))
            .Select((plotted, r) => results.Rows[r].Success(split) is null ? plotted : plotted with { Missing = "touches nothing" })]);

    /// <summary>How episodes end.</summary>
    public static StackedBars Endings(Results results, string split) => new(
        ["success", "out of time", "moved another object", "lifted the wrong object"],
        [.. results.Rows.Where(r => r.Success(split) is not null).Select(row => new StackedRow(row.Label, row.Endings(split)))]);

    /// <summary>Differences between neighbours in a ranking, with intervals over training runs and episodes.</summary>
    public static DotPlot Differences(IReadOnlyList<PairedTest> tests) => new(
        [new DotPanel("difference, percentage points") { Shares = false, Text = Tables.Signed, Levels = [(0, "equal")] }],
        [.. tests.Select(t => new DotRow($"{t.First.Label} − {t.Second.Label}",
            [new Dot(new Interval(100 * t.Difference.Value, 100 * t.Difference.Lower, 100 * t.Difference.Upper),
                t.IsSignificant switch { true => 0, false => 6, null => OneRun })]))])
    {
        Legend = tests.All(t => t.Runs == 1) ? [("one run: interval over episodes alone", OneRun, false)]
            : [("told apart", 0, false), ("not told apart", 6, false),
                .. tests.Any(t => t.Runs == 1) ? [("one run: interval over episodes alone", OneRun, false)]
                : Array.Empty<(string, int, bool)>()],
    };

    /// <summary>Success on validation layouts against samples seen, strategy by strategy.</summary>
    public static CurveChart Learning(Results results) =>
        Panels(results, "samples seen in training", row => row.Learning, row => results.Budgets(row));

    /// <summary>Success on validation layouts against time spent in training.</summary>
    public static CurveChart LearningByTime(Results results) =>
        Panels(results, "seconds of training on one thread", results.LearningByTime);

    /// <summary>An ablation: curves where it is about samples, the variants one below the other where not.</summary>
    public static IDrawing Ablation(Results results, string group) => group switch
    {
        "data" => Data(results, group),
        "pretraining" => Pretraining(results, group),
        _ => Variants(results, group),
    };

    /// <summary>The variants of an ablation; the textbook's numbers beside where it has some.</summary>
    private static DotPlot Variants(Results results, string group)
    {
        var splits = Headlines.Where(results.Splits.Contains).ToList();
        var rows = results.Group(group);
        var book = Textbook.Of(results, group);
        return new DotPlot([.. splits.Select(s => new DotPanel(Title(s)))],
            [.. rows.Select(row => Plotted(row, [.. splits.Select(s => Dots(row.Success(s),
                s == Results.NewLayouts && book.TryGetValue(row.Setting, out var success) ? success : null))]))])
        {
            Legend = [(Intervals(rows), Measured, false),
                .. book.Count > 0 ? [("textbook", TextbookGroup, true)] : Array.Empty<(string, int, bool)>()],
        };
    }

    /// <summary>Success against the number of samples a policy was trained on, each point a training of its own.</summary>
    private static CurveChart Data(Results results, string group)
    {
        var splits = Headlines.Where(results.Splits.Contains).ToList();
        return new CurveChart("samples of the whole training", "success",
            new CurvePanel("", [.. splits.Select((s, i) => new Curve(Title(s), [.. results.Group(group).Where(r => r.Success(s) is not null)
                .OrderBy(r => r.Configuration.Samples).Select(r => ((double)r.Configuration.Samples, r.Success(s)!.Drawn()))], i))]))
        {
            LogX = true,
            PanelHeight = 220,
            Legend = [.. splits.Select((s, i) => (Title(s), i))],
        };
    }

    /// <summary>The same with and without captions before.</summary>
    private static CurveChart Pretraining(Results results, string group)
    {
        string[] names = ["alone", "after captions"];
        return new CurveChart("samples of the whole training", "success", [.. Headlines.Where(results.Splits.Contains).Select(split =>
            new CurvePanel(Title(split), [.. names.Select((name, i) => new Curve(name, Points(split, i == 1), i))]))])
        {
            LogX = true,
            Legend = [.. names.Select((name, i) => (name, i))],
        };

        IReadOnlyList<(double, Interval)> Points(string split, bool pretrained) => [.. results.Group(group)
            .Where(r => r.Success(split) is not null && r.Configuration.Pretraining is not null == pretrained)
            .OrderBy(r => r.Configuration.Samples).Select(r => ((double)r.Configuration.Samples, r.Success(split)!.Drawn()))];
    }

    /// <summary>What the intervals of rows are over.</summary>
    private static string Intervals(IReadOnlyList<Row> rows)
    {
        var many = rows.Any(row => row.Cells.Count - row.Diverged > 1);
        var one = rows.Any(row => row.Cells.Count - row.Diverged == 1);
        return (many, one) switch
        {
            (true, true) => "measured, 95 % interval over runs (small marks) and episodes; of one run over episodes",
            (true, false) => "measured, 95 % interval over training runs (small marks) and episodes",
            _ => "measured, 95 % interval over the episodes of one training run",
        };
    }

    /// <summary>A row that says why it has no value.</summary>
    internal static DotRow Plotted(Row row, params IReadOnlyList<IReadOnlyList<Dot>> panels) =>
        new(row.Label, panels) { Missing = row.Absent };

    /// <summary>Whether another instruction in the same scene changes behaviour, beside success by the goal that it names.</summary>
    public static DotPlot OtherInstruction(Results results) => new(
        [new DotPanel("does something else when told something else"), new DotPanel("and succeeds at it")],
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

    private static CurveChart Panels(Results results, string across, Func<Row, IReadOnlyList<(double X, Share Success)>> points,
        Func<Row, IReadOnlyList<(double X, Share Success)>>? shorter = null)
    {
        var curves = results.Rows.Select(row => Curve(row.Label, points(row), 0)).ToList();
        var others = results.Rows.Select(row => Curve("shorter trainings", shorter?.Invoke(row) ?? [], 1)).ToList();
        return new CurveChart(across, "success on validation layouts",
            [.. curves.Zip(others, (c, o) => new CurvePanel(c.Name, o.Points.Count == 0 ? [c]
                : [c, o]) { Context = [.. curves.Where(x => x != c)] })])
        {
            Legend = others.Any(o => o.Points.Count > 0) ? [("one training, on its way", 0), ("trainings of their own, each at its end", 1)]
                : [],
        };
    }

    private static Curve Curve(string name, IEnumerable<(double X, Share Success)> points, int style) =>
        new(name, [.. points.Select(p => (p.X, p.Success.Drawn()))], style);
}
