using System.Globalization;
using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Pages;

/// <summary>
/// Single values for documents, by name: <c>success VARIANT SPLIT [TASK] [CONTROL]</c>, <c>interval …</c>, <c>lowest …</c> and <c>highest
/// …</c> of the training runs, <c>pointing …</c>, <c>touched …</c>, <c>difference FIRST SECOND SPLIT</c>, <c>p FIRST SECOND SPLIT</c>,
/// <c>lift|mass VARIANT KIND LAYER [TASK]</c>, <c>parameters|relative-parameters|flops|ms|samples|steps|rate VARIANT</c>, <c>changed
/// VARIANT CONTROL</c>, <c>best SPLIT</c>, <c>runs VARIANT</c>, <c>chance</c>, <c>times machine|rounds</c>, and
/// <c>command|protocol|machine|version|seeds|cells|missing|work|session</c>. A row of an ablation is written GROUP/SETTING, with _ for a
/// space.
/// </summary>
/// <param name="results">The comparison.</param>
/// <param name="language">The language of the document.</param>
internal sealed class DocumentValues(Results results, ToolLanguage language)
{
    private const string AllTasks = "all";

    /// <summary>A value, or null when nothing of that name was measured.</summary>
    public string? Find(string name)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["success", var v, var split, .. var more] =>
                Measured(v, more, (row, task, control) => row.Success(split, task, control)) is { } s ? Interval.Percent(s.Interval.Value)
                : null,
            ["interval", var v, var split, .. var more] =>
                Measured(v, more, (row, task, control) => row.Success(split, task, control))?.ToString(),
            ["lowest", var v, var split, .. var more] =>
                Measured(v, more, (row, task, control) => row.Success(split, task, control)) is { } s ? Interval.Percent(s.Runs.Min())
                : null,
            ["highest", var v, var split, .. var more] =>
                Measured(v, more, (row, task, control) => row.Success(split, task, control)) is { } s ? Interval.Percent(s.Runs.Max())
                : null,
            ["pointing", var v, var split, .. var more] =>
                Measured(v, more, (row, task, control) => row.Pointing(split, task, control))?.ToString(),
            ["touched", var v, var split, .. var more] =>
                Measured(v, more, (row, task, control) => row.TargetFirst(split, task, control))?.ToString(),
            ["difference", var a, var b, var split] => Pair(a, b, split) is { } t
                ? $"{Tables.Signed(100 * t.Difference.Value)} [{Tables.Signed(100 * t.Difference.Lower)}, {Tables.Signed(100 * t.Difference.Upper)}]" : null,
            ["p", var a, var b, var split] => Pair(a, b, split) is { } t ? Tables.P(t.Test.PValue) : null,
            ["lift", var v, var kind, var layer, .. var task] =>
                Grounding(v, kind, layer, task) is { } g ? HtmlWriter.Fixed(g.Lift, 1) + "×" : null,
            ["mass", var v, var kind, var layer, .. var task] =>
                Grounding(v, kind, layer, task) is { } g ? HtmlWriter.Fixed(g.Mass, 2) : null,
            ["parameters", var v] => Find(v, row => row.Parameters.ToString("N0", CultureInfo.InvariantCulture)),
            ["relative-parameters", var v] => Find(v, row =>
                Tables.Beside(row, results.Concatenation, new ComparisonTableTexts(language).Base)),
            ["flops", var v] => Find(v, row => Axis.Figure(row.Flops / 1e6) + " MFLOP"),
            ["ms", var v] => Find(v, row => HtmlWriter.Fixed(results.Latency(row).Median, 2) + " ms"),
            ["samples", var v] => Find(v, row => row.Configuration.Samples.ToString("N0", CultureInfo.InvariantCulture)),
            ["steps", var v] => Find(v, row => row.Configuration.Recipe.Steps.ToString("N0", CultureInfo.InvariantCulture)),
            ["rate", var v] => Find(v, row => row.Configuration.Recipe.LearningRate.ToString("R", CultureInfo.InvariantCulture)),
            ["best", var split] => results.Ranked(split).FirstOrDefault() is { } row ? new RowTexts(language).Name(row) : null,
            ["runs", var v] => Find(v, row => $"{row.Cells.Count}"),
            ["times", "machine"] => results.Times?.Machine,
            ["times", "rounds"] => results.Times is { } times ? $"{times.Rounds}" : null,
            ["chance"] => results.Untold is { } chance ? Interval.Percent(chance) : null,
            ["changed", var v, var control] when Enum.TryParse<PolicyControl>(control, out var c) =>
                Row(v)?.Changed(c) is { } share ? Interval.Percent(share) : null,
            ["command"] => results.File.Command,
            ["protocol"] => results.File.Protocol,
            ["machine"] => results.Machine,
            ["version"] => results.File.Version,
            ["seeds"] => string.Join(", ", results.File.Seeds),
            ["cells"] => $"{results.File.Finished}",
            ["missing"] => $"{results.File.Missing.Count}",
            ["work"] => ComparisonReport.Duration(results.File.CellSeconds),
            ["session"] => ComparisonReport.Duration(results.File.WallSeconds),
            _ => null,
        };
    }

    private string? Find(string variant, Func<Row, string?> value) => Row(variant) is { } row ? value(row) : null;

    private Row? Row(string variant)
    {
        var slash = variant.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? results.Group(Results.Strategies).FirstOrDefault(r => r.Variant == variant)
            : results.Group(variant[..slash]).FirstOrDefault(r => variant[(slash + 1)..] is var name
                && (r.Setting.Replace(' ', '_') == name || r.Variant == name));
    }

    private Share? Measured(string variant, string[] more, Func<Row, string?, PolicyControl, Share?> measure)
    {
        if (more.Length > 2 || Row(variant) is not { } row) return null;
        var control = PolicyControl.None;
        if (more.Length == 2 && !Enum.TryParse(more[1], out control)) return null;
        return measure(row, more.Length > 0 && more[0] != AllTasks ? more[0] : null, control);
    }

    private PairedTest? Pair(string first, string second, string split) =>
        Row(first) is { } a && Row(second) is { } b && PairedTest.Of([(a, b)], split) is [var test] ? test : null;

    /// <summary>Share of the attention of words of a kind on the right object, and its lift, in a layer over all runs and over one task or
    /// all.</summary>
    private (double Mass, double Lift)? Grounding(string variant, string kind, string layer, string[] task)
    {
        if (task.Length > 1 || Row(variant) is not { } row || !Enum.TryParse<WordKind>(kind, out var word)) return null;
        if (!int.TryParse(layer, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        var layers = row.Cells.SelectMany(c => c.Grounding)
            .Where(g => g.Kind == word && g.Words > 0 && (task.Length == 0 || g.Task == task[0])).GroupBy(g => g.Layer).ToList();
        if (number < 1 || number > layers.Count) return null;
        var records = layers[number - 1];
        var (mass, area) = (records.Sum(g => g.Mass * g.Words), records.Sum(g => g.Area * g.Words));
        return (mass / records.Sum(g => g.Words), area > 0 ? mass / area : 0);
    }
}
