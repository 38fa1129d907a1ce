using System.Globalization;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;

namespace CrossModal.Cli.Comparisons;

/// <summary>Tables of a comparison, for pages and for documents alike.</summary>
/// <param name="language">The language of headings and names.</param>
internal sealed class Tables(ToolLanguage language)
{
    private const double Million = 1e6;

    private static readonly string[] OfMain =
        ["concat-pooled", "concat-tokens", "cross-attention-1", "cross-attention-4", "co-attention-4", "perceiver-8", "textbook-network"];

    private readonly ComparisonTableTexts _texts = new(language);
    private readonly RowTexts _rows = new(language);

    /// <summary>What every strategy shown reaches and costs; the textbook's table beside it where it has any of them.</summary>
    public ReportTable Strategies(Results results)
    {
        var beside = results.Rows.Any(row => Textbook.Of(results, row) is not null);
        var (best, bestUnseen) = (results.Ranked(Results.NewLayouts).FirstOrDefault(),
            results.Ranked(Results.UnseenPairs).FirstOrDefault());
        var rows = results.Rows.Select(row =>
        {
            var book = Textbook.Of(results, row);
            var (median, _, _, alone) = results.Latency(row);
            return (IReadOnlyList<Cell>)
            [
                new Cell(_rows.Name(row)) { Strong = row == best, Note = row.StillRises ? ComparisonTableTexts.StillRises : null },
                Percent(row.Success(Results.NewLayouts), row == best, _rows.Absent(row)), .. OfBook(Book(book?.Success)),
                    Percent(row.Success(Results.UnseenPairs), row == bestUnseen, _rows.Absent(row)),
                    .. OfBook(book is null ? "–" : _texts.Of(book.ZeroShot)),
                new Cell(Axis.Figure(row.Parameters)) { Key = row.Parameters, Note = Beside(row, results.Concatenation, _texts.Base) },
                    .. OfBook(book is null ? "–" : book.Parameters.Length == 0 ? _texts.Base : book.Parameters),
                new Cell(Axis.Figure(row.Flops / Million)) { Key = row.Flops },
                new Cell(HtmlWriter.Fixed(median, 2) + (alone ? "" : " ~")) { Key = median }, Runs(row),
            ];
        });
        return new ReportTable(
            [_texts.Strategy, _texts.NewLayouts, .. Title(), _texts.UnseenPairs, .. Title(), _texts.Parameters, .. Title(), _texts.Flops,
                _texts.Milliseconds, _texts.Runs],
            [.. rows],
            _texts.OfStrategies(beside))
        {
            Sortable = true,
        };

        Column[] Title() => beside ? [_texts.Textbook] : [];
        Cell[] OfBook(Cell cell) => beside ? [cell] : [];
    }

    /// <summary>Of every row what is the textbook's, what a paper's and what ours.</summary>
    public ReportTable Origins(Results results)
    {
        var texts = new RowOrigins(language);
        return new ReportTable([_texts.Strategy, texts.Column], [.. results.Rows.Select(row =>
            (IReadOnlyList<Cell>)[_rows.Name(row), texts.Of(row.Variant, row.Strategy)])], texts.Note);
    }

    /// <summary>The rows that stand for the others, with what they reach and cost: a table short enough for a first page.</summary>
    public ReportTable Main(Results results) => new(
        [_texts.Strategy, _texts.NewLayouts, _texts.Textbook, _texts.UnseenPairs, _texts.Parameters, _texts.Milliseconds, _texts.Runs],
        [.. results.Rows.Where(row => OfMain.Contains(row.Variant)).Select(row => (IReadOnlyList<Cell>)
        [
            new Cell(_rows.Name(row)) { Note = row.StillRises ? ComparisonTableTexts.StillRises : null },
            Percent(row.Success(Results.NewLayouts), strong: false, _rows.Absent(row)),
            Book(Textbook.Of(results, row)?.Success), Percent(row.Success(Results.UnseenPairs), strong: false, _rows.Absent(row)),
            new Cell(Axis.Figure(row.Parameters)), new Cell(HtmlWriter.Fixed(results.Latency(row).Median, 2)), Runs(row),
        ])]);

    /// <summary>The training runs that succeed least and most often, of every row.</summary>
    public ReportTable TrainingSeeds(Results results, string split) => new(
        [.. _texts.Seeds.Select(title => new Column(title))],
        [.. results.Ranking(split).Select(row => (IReadOnlyList<Cell>)
        [
            _rows.Name(row), Interval.Percent(row.Success(split)!.Runs.Min()), Interval.Percent(row.Success(split)!.Runs.Max()),
        ])]);

    /// <summary>Paired tests.</summary>
    public ReportTable Tests(IReadOnlyList<PairedTest> tests) => new(
        [.. _texts.Tests.Select(title => new Column(title))],
        [.. tests.Select(t => (IReadOnlyList<Cell>)
        [
            _rows.Pair(t, "–"), Signed(100 * t.Difference.Value),
                _texts.Range(Signed(100 * t.Difference.Lower), Signed(100 * t.Difference.Upper)),
            $"{t.Test.OnlyFirst}", $"{t.Test.OnlySecond}", P(t.Test.PValue), P(t.Adjusted),
                t.IsSignificant switch { true => _texts.Yes, false => _texts.No, null => _rows.OneRun },
        ])],
        _texts.OfTests);

    /// <summary>Every finished cell.</summary>
    public ReportTable Cells(Results results) => new(
        [.. _texts.Cells.Select(title => new Column(title))],
        [.. results.File.Cells.Select(c =>
        {
            var (recipe, timing) = (c.Result.Configuration.Recipe, c.Result.Timing);
            return (IReadOnlyList<Cell>)
            [
                c.Place.Group, _rows.Strategy(c.Place.Variant, c.Place.Label),
                    c.Place.Role.ToString().ToLowerInvariant() + (c.Result.Diverged is null ? "" : $", {_rows.Diverged}"),
                    $"{recipe.Seed}", Number(recipe.Steps), Number(recipe.LearningRate), Number(c.Result.Configuration.Samples),
                HtmlWriter.Fixed(timing.TrainingSeconds, 0), HtmlWriter.Fixed(timing.EvaluationSeconds, 0), c.Result.Key,
            ];
        })])
    { Sortable = true };

    /// <summary>The learning rates tried: success on validation layouts at a part of the budget; the best of each row was used.</summary>
    public ReportTable? Sweep(Results results)
    {
        var cells = results.Cells(CellRole.Sweep).ToList();
        if (cells.Count == 0) return null;
        var rates = cells.Select(c => c.Result.Configuration.Recipe.LearningRate).Distinct().Order().ToList();
        var part = cells.Select(c => c.Result.Configuration.Samples).Min();
        return new ReportTable([_texts.Strategy, .. rates.Select(r => new Column(Number(r))), _texts.Used],
            [.. cells.GroupBy(c => c.Place.Variant).Select(variant => (IReadOnlyList<Cell>)
            [
                _rows.Strategy(variant.Key, variant.First().Place.Label),
                .. rates.Select(rate => variant.Where(c => c.Result.Configuration.Recipe.LearningRate == rate)
                    .MaxBy(c => c.Result.Configuration.Samples) switch
                {
                    { Result.Diverged: not null } => _rows.Diverged,
                    { Result.Learning: [.., var last] } tried =>
                        new Cell(Interval.Percent(
                        last.Successes / (double)last.Episodes)) { Note = tried.Result.Configuration.Samples > part ? _texts.WholeBudget
                        : null },
                    _ => (Cell)"–",
                }),
                results.Rows.FirstOrDefault(r => r.Variant == variant.Key) is { } row ? Number(row.Configuration.Recipe.LearningRate) : "–",
            ])],
            _texts.Sweep(part));
    }

    /// <summary>A table of an ablation: success in every split that was tested. Of choices, the rows that have made theirs.</summary>
    public ReportTable Ablation(Results results, string group)
    {
        var rows = results.Group(group);
        if (group == ComparisonGroups.Chosen) rows = [.. rows.GroupBy(row => row.Variant).Where(of => of.Count() > 1).SelectMany(of => of)];
        var book = Textbook.Of(results, group);
        var splits = results.Splits.Where(s => rows.Any(r => r.Success(s) is not null)).ToList();
        return new ReportTable([_texts.Variant, .. splits.SelectMany(Titles), _texts.Parameters, _texts.Flops, _texts.Runs],
            [.. rows.Select(row => (IReadOnlyList<Cell>)
            [
                _rows.Name(row), .. splits.SelectMany(split => Rates(row, split)),
                new Cell(Axis.Figure(row.Parameters)) { Key = row.Parameters },
                new Cell(Axis.Figure(row.Flops / Million)) { Key = row.Flops }, Runs(row),
            ])], _texts.OfShares)
        { Sortable = true };

        bool HasBook(string split) => split == Results.NewLayouts && book.Count > 0;
        Column[] Titles(string split) => HasBook(split) ? [Split(split), _texts.Textbook] : [Split(split)];
        Cell[] Rates(Row row, string split) => HasBook(split)
            ? [Rate(row, split), Book(book.TryGetValue(row.Setting, out var success) ? success : null)]
            : [Rate(row, split)];
    }

    /// <summary>A p-value: in full where it is large, as a bound where it is tiny.</summary>
    internal static string P(double p) => p < 0.0001 ? "<0.0001" : HtmlWriter.Fixed(p, 4);

    /// <summary>A number with its sign and one decimal.</summary>
    internal static string Signed(double value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + HtmlWriter.Fixed(Math.Abs(value), 1);

    private Cell Rate(Row row, string split) =>
        row.Success(split)?.Interval is { } share ? Cell.Rate(share.Value, share.Lower, share.Upper)
        : row.HasDiverged ? _rows.Diverged : "–";

    private Cell Runs(Row row) =>
        new($"{row.Cells.Count}") { Note = row.Cells.Count - row.Diverged == 1 ? _rows.NoInterval : null };

    private string Split(string split) => new ComparisonFigureTexts(language).Split(split);

    private static Cell Percent(Share? share, bool strong, string absent) =>
        share is null ? absent : Cell.Percent(share.Interval.Value, share.Interval.Lower, share.Interval.Upper, strong);

    private static Cell Book(double? success) =>
        success is not { } share ? "–" : new Cell(string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %")) { Key = share };

    /// <summary>Parameters beside those of concatenation, in percent; null where it was not run.</summary>
    /// <param name="row">The row.</param>
    /// <param name="concatenation">The row of concatenation.</param>
    /// <param name="itself">What stands for concatenation itself.</param>
    public static string? Beside(Row row, Row? concatenation, string itself) =>
        concatenation is null ? null : row == concatenation ? itself
            : string.Create(CultureInfo.InvariantCulture, $"{Signed0(100.0 * row.Parameters / concatenation.Parameters - 100)} %");

    private static string Signed0(double value) => (value >= 0 ? "+" : "−") + HtmlWriter.Fixed(Math.Abs(value), 0);

    private static string Number(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);
}
