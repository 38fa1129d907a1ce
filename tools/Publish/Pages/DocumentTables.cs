using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;

namespace CrossModal.Publish.Pages;

/// <summary>Tables for documents, by name: those of the page, as rows of text.</summary>
/// <param name="results">The comparison.</param>
/// <param name="language">The language of the document.</param>
internal sealed class DocumentTables(Results results, ToolLanguage language)
{
    private readonly Tables _tables = new(language);
    private readonly OutcomeTables _outcomes = new(language);

    /// <summary>The rows of a table, none of what has not been run, or null when there is no table of that name. After <c>further-</c>: of
    /// the strategies that stand apart.</summary>
    public IReadOnlyList<string[]>? Find(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        var (kind, of) = dash < 0 ? (name, "") : (name[..dash], name[(dash + 1)..]);
        return (kind, of) switch
        {
            ("strategies", "") => Rows(_tables.Strategies(results)),
            ("origins", "") => Rows(_tables.Origins(results)),
            ("main", "") => Rows(_tables.Main(results)),
            ("further", _) => new DocumentTables(results.Further, language).Find(of.Length == 0 ? "strategies" : of),
            ("neighbours", _) when results.Splits.Contains(of) => Rows(_tables.Tests(results.Neighbours(of))),
            ("concatenation", _) when results.Splits.Contains(of) => Rows(_tables.Tests(results.AgainstConcatenation(of))),
            ("seeds", _) when results.Splits.Contains(of) => Rows(_tables.TrainingSeeds(results, of)),
            ("splits", "") => Rows(_outcomes.Splits(results, null)),
            ("splits", _) when results.Tasks.Contains(of) => Rows(_outcomes.Splits(results, of)),
            ("controls", "") => Rows(_outcomes.Controls(results)),
            ("way", _) when results.Splits.Contains(of) => Rows(_outcomes.OnTheWay(results, of)),
            ("lift", "") => Rows(_outcomes.Lift(results)),
            ("budgets", "") => Rows(_outcomes.EqualBudgets(results)),
            ("sweep", "") => _tables.Sweep(results) is { } sweep ? Rows(sweep) : null,
            ("ablation", _) when results.Group(of) is { Count: > 0 } rows => Ablation(of, rows.All(row => row.Cells.Count == 1)),
            ("ablation", _) when ComparisonGroups.Ablations.Contains(of) || of == ComparisonGroups.Distillation => [],
            ("missing", "") => [.. results.File.Missing.Select(m => new[] { m })],
            _ => null,
        };
    }

    /// <summary>The rows of an ablation; where each has one run, the page says so once and the column of runs is left out.</summary>
    private List<string[]> Ablation(string group, bool ofOneRun)
    {
        var rows = Rows(_tables.Ablation(results, group));
        return ofOneRun ? rows.ConvertAll(row => row[..^1]) : rows;
    }

    private List<string[]> Rows(ReportTable table) => [.. table.Rows.Select(row => (string[])[.. row.Select(Text)])];

    private string Text(Cell cell)
    {
        var text = cell.Strong ? $"**{cell.Text}**" : cell.Text;
        if (cell.Text.Length == 0) return text;
        return (cell.Share?.PercentRange, cell.Note) switch
        {
            ({ } range, _) => $"{text} ({range})",
            (_, { } mark) when !mark.Any(char.IsLetterOrDigit) => $"{text} {mark}",
            (_, { } note) when note.Any(c => !char.IsAscii(c) && char.IsLetter(c)) => language.Pick($"{text} ({note})", $"{text}（{note}）"),
            (_, { } note) => $"{text} ({note})",
            _ => text,
        };
    }
}
