using System.Globalization;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Statistics;
using CrossModal.Reports;

namespace CrossModal.Cli.Comparisons;

/// <summary>Tables of a comparison, for pages and for documents alike.</summary>
internal static class Tables
{
    private const double Million = 1e6;
    private const string NoInterval = "no interval over runs";

    private const string OfShares =
        "Shares are means over training runs, with the 95 % interval of a two-stage bootstrap: runs are drawn with replacement, "
        + "then episodes within each run. Three runs show two thirds of their variance, so such an interval is too short rather than too " +
            "long. "
        + "Where there is one run, and where all episodes of all runs ended alike, it is the Wilson interval over the episodes.";

    /// <summary>What every strategy shown reaches and costs; the textbook's table beside it where it has any of them.</summary>
    public static ReportTable Strategies(Results results)
    {
        var beside = results.Rows.Any(row => Textbook.Of(results, row) is not null);
        var (best, bestUnseen) = (results.Ranking(Results.NewLayouts).FirstOrDefault(),
            results.Ranking(Results.UnseenPairs).FirstOrDefault());
        var rows = results.Rows.Select(row =>
        {
            var book = Textbook.Of(results, row);
            var (median, _, _, alone) = results.Latency(row);
            return (IReadOnlyList<Cell>)
            [
                new Cell(row.Label) { Strong = row == best },
                Percent(row.Success(Results.NewLayouts), row == best, row.Absent), .. OfBook(Book(book?.Success)),
                    Percent(row.Success(Results.UnseenPairs), row == bestUnseen, row.Absent), .. OfBook(book?.ZeroShot ?? "–"),
                new Cell(Axis.Figure(row.Parameters)) { Key = row.Parameters, Note = Beside(row, results.Concatenation) },
                    .. OfBook(book?.Parameters ?? "–"),
                new Cell(Axis.Figure(row.Flops / Million)) { Key = row.Flops },
                new Cell(HtmlWriter.Fixed(median, 2) + (alone ? "" : " ~")) { Key = median }, Runs(row),
            ];
        });
        return new ReportTable(
            ["Strategy", "New layouts (S0)", .. Title(), "Unseen pairs (Z1)", .. Title(), "Parameters", .. Title(), "MFLOP per step",
                "ms per step", "Runs"],
            [.. rows],
            $"{OfShares} {(beside ? "The textbook names no source for its numbers. " : "")}ms: one control step on one thread, picture and sentence to action; ~ while other cells were running.")
        {
            Sortable = true,
        };

        Column[] Title() => beside ? ["textbook"] : [];
        Cell[] OfBook(Cell cell) => beside ? [cell] : [];
    }

    /// <summary>Mean over training runs with the bootstrap interval over runs and episodes, and every run.</summary>
    public static ReportTable TrainingSeeds(Results results, string split) => new(
        ["Strategy", "Training runs", "Mean over runs", "95 % over runs and episodes", "Lowest run", "Highest run"],
        [.. results.Ranking(split).Select(row =>
        {
            var success = row.Success(split)!;
            return (IReadOnlyList<Cell>)
            [
                row.Label, $"{success.Runs.Count}", Interval.Percent(success.Interval.Value),
                    success.Runs.Count > 1 ? success.Drawn().PercentRange : NoInterval,
                Interval.Percent(success.Runs.Min()), Interval.Percent(success.Runs.Max()),
            ];
        })],
        OfShares);

    /// <summary>Paired tests.</summary>
    public static ReportTable Tests(IReadOnlyList<PairedTest> tests) => new(
        ["Pair", "Difference / points", "95 % interval", "only the first", "only the second", "p, McNemar", "p, corrected", "Told apart"],
        [.. tests.Select(t => (IReadOnlyList<Cell>)
        [
            $"{t.First.Label} – {t.Second.Label}", Signed(100 * t.Difference.Value),
                $"{Signed(100 * t.Difference.Lower)}\u00a0to\u00a0{Signed(100 * t.Difference.Upper)}",
            $"{t.Test.OnlyFirst}", $"{t.Test.OnlySecond}", P(t.Test.PValue), P(t.Adjusted),
                t.IsSignificant switch { true => "yes", false => "no", null => "one run" },
        ])],
        $"Told apart: the interval, a paired two-stage bootstrap over training runs of the same seeds and their episodes, does not contain 0; of one run it is over episodes alone and tells nothing of the next run. "
        + $"The exact McNemar test, corrected together by {HolmCorrection.Name}, speaks of these trained policies on these episodes, not of the next training. “Only the first”: episodes that it alone solved.");

    /// <summary>Every finished cell.</summary>
    public static ReportTable Cells(Results results) => new(
        ["Group", "Row", "For", "Seed", "Steps", "Learning rate", "Samples", "Training / s", "Evaluation / s", "Key"],
        [.. results.File.Cells.Select(c =>
        {
            var (recipe, timing) = (c.Result.Configuration.Recipe, c.Result.Timing);
            return (IReadOnlyList<Cell>)
            [
                c.Place.Group, c.Place.Label, c.Place.Role.ToString().ToLowerInvariant() + (c.Result.Diverged is null ? "" : ", diverged"),
                    $"{recipe.Seed}", Number(recipe.Steps), Number(recipe.LearningRate), Number(c.Result.Configuration.Samples),
                HtmlWriter.Fixed(timing.TrainingSeconds, 0), HtmlWriter.Fixed(timing.EvaluationSeconds, 0), c.Result.Key,
            ];
        })])
    { Sortable = true };

    /// <summary>The learning rates tried: success on validation layouts at a part of the budget; the best of each row was used.</summary>
    public static ReportTable? Sweep(Results results)
    {
        var cells = results.Cells(CellRole.Sweep).ToList();
        if (cells.Count == 0) return null;
        var rates = cells.Select(c => c.Result.Configuration.Recipe.LearningRate).Distinct().Order().ToList();
        var part = cells.Select(c => c.Result.Configuration.Samples).Min();
        return new ReportTable(["Strategy", .. rates.Select(r => new Column(Number(r))), "used"],
            [.. cells.GroupBy(c => c.Place.Variant).Select(variant => (IReadOnlyList<Cell>)
            [
                variant.First().Place.Label,
                .. rates.Select(rate => variant.Where(c => c.Result.Configuration.Recipe.LearningRate == rate)
                    .MaxBy(c => c.Result.Configuration.Samples) switch
                {
                    { Result.Diverged: not null } => "diverged",
                    { Result.Learning: [.., var last] } tried =>
                        new Cell(Interval.Percent(
                        last.Successes / (double)last.Episodes)) { Note = tried.Result.Configuration.Samples > part ? "whole budget"
                        : null },
                    _ => (Cell)"–",
                }),
                results.Rows.FirstOrDefault(r => r.Variant == variant.Key) is { } row ? Number(row.Configuration.Recipe.LearningRate) : "–",
            ])],
            $"Success on validation layouts after {part.ToString("N0", CultureInfo.InvariantCulture)} samples, by learning rate; where no run succeeded there, after the whole budget.");
    }

    /// <summary>A table of an ablation: success in every split that was tested.</summary>
    public static ReportTable Ablation(Results results, string group)
    {
        var rows = results.Group(group);
        var book = Textbook.Of(results, group);
        var splits = results.Splits.Where(s => rows.Any(r => r.Success(s) is not null)).ToList();
        return new ReportTable(["Variant", .. splits.SelectMany(Titles), "Parameters", "MFLOP per step", "Training runs"],
            [.. rows.Select(row => (IReadOnlyList<Cell>)
            [
                row.Label, .. splits.SelectMany(split => Rates(row, split)), new Cell(Axis.Figure(row.Parameters)) { Key = row.Parameters },
                new Cell(Axis.Figure(row.Flops / Million)) { Key = row.Flops }, Runs(row),
            ])], OfShares)
        { Sortable = true };

        bool HasBook(string split) => split == Results.NewLayouts && book.Count > 0;
        Column[] Titles(string split) => HasBook(split) ? [SuccessFigures.Title(split), "Textbook"] : [SuccessFigures.Title(split)];
        Cell[] Rates(Row row, string split) => HasBook(split)
            ? [Rate(row, split), Book(book.TryGetValue(row.Setting, out var success) ? success : null)]
            : [Rate(row, split)];
    }

    /// <summary>A p-value: in full where it is large, as a bound where it is tiny.</summary>
    internal static string P(double p) => p < 0.0001 ? "<0.0001" : HtmlWriter.Fixed(p, 4);

    /// <summary>A number with its sign and one decimal.</summary>
    internal static string Signed(double value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + HtmlWriter.Fixed(Math.Abs(value), 1);

    private static Cell Rate(Row row, string split) =>
        row.Success(split)?.Interval is { } share ? Cell.Rate(share.Value, share.Lower, share.Upper)
        : row.HasDiverged ? row.Absent : "–";

    private static Cell Runs(Row row) => new($"{row.Cells.Count}") { Note = row.Cells.Count - row.Diverged == 1 ? NoInterval : null };

    private static Cell Percent(Share? share, bool strong, string absent) =>
        share is null ? absent : Cell.Percent(share.Interval.Value, share.Interval.Lower, share.Interval.Upper, strong);

    private static Cell Book(double? success) =>
        success is not { } share ? "–" : new Cell(string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %")) { Key = share };

    /// <summary>Parameters beside those of concatenation, in percent; null where it was not run.</summary>
    public static string? Beside(Row row, Row? concatenation) =>
        concatenation is null ? null : row == concatenation ? "base"
            : string.Create(CultureInfo.InvariantCulture, $"{Signed0(100.0 * row.Parameters / concatenation.Parameters - 100)} %");

    private static string Signed0(double value) => (value >= 0 ? "+" : "−") + HtmlWriter.Fixed(Math.Abs(value), 0);

    private static string Number(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);
}
