using CrossModal.Cli.Comparisons;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;

namespace CrossModal.Publish.Pages;

/// <summary>Tables for documents, by name: those of the page, as rows of text.</summary>
/// <param name="results">The comparison.</param>
internal sealed class DocumentTables(Results results)
{
    /// <summary>The rows of a table, none of what has not been run, or null when there is no table of that name. After <c>further-</c>: of
    /// the strategies that stand apart.</summary>
    public IReadOnlyList<string[]>? Find(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        var (kind, of) = dash < 0 ? (name, "") : (name[..dash], name[(dash + 1)..]);
        return (kind, of) switch
        {
            ("strategies", "") => Rows(Tables.Strategies(results)),
            ("further", _) => new DocumentTables(results.Further).Find(of.Length == 0 ? "strategies" : of),
            ("neighbours", _) when results.Splits.Contains(of) => Rows(Tables.Tests(results.Neighbours(of))),
            ("concatenation", _) when results.Splits.Contains(of) => Rows(Tables.Tests(results.AgainstConcatenation(of))),
            ("seeds", _) when results.Splits.Contains(of) => Rows(Tables.TrainingSeeds(results, of)),
            ("splits", "") => Rows(OutcomeTables.Splits(results, null)),
            ("splits", _) when results.Tasks.Contains(of) => Rows(OutcomeTables.Splits(results, of)),
            ("controls", "") => Rows(OutcomeTables.Controls(results)),
            ("way", _) when results.Splits.Contains(of) => Rows(OutcomeTables.OnTheWay(results, of)),
            ("lift", "") => Rows(OutcomeTables.Lift(results)),
            ("budgets", "") => Rows(OutcomeTables.EqualBudgets(results)),
            ("sweep", "") => Tables.Sweep(results) is { } sweep ? Rows(sweep) : null,
            ("ablation", _) when results.Group(of).Count > 0 => Rows(Tables.Ablation(results, of)),
            ("ablation", _) when ComparisonGroups.Ablations.Contains(of) || of == ComparisonGroups.Distillation => [],
            ("missing", "") => [.. results.File.Missing.Select(m => new[] { m })],
            _ => null,
        };
    }

    private static List<string[]> Rows(ReportTable table) => [.. table.Rows.Select(row => (string[])[.. row.Select(Text)])];

    private static string Text(Cell cell)
    {
        var note = cell.Share?.PercentRange ?? cell.Note;
        var text = cell.Strong ? $"**{cell.Text}**" : cell.Text;
        return note is null || cell.Text.Length == 0 ? text : $"{text} ({note})";
    }
}
