using System.Globalization;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Texts;

/// <summary>What the rows of a comparison are called.</summary>
/// <param name="Language">The language.</param>
internal sealed record RowTexts(ToolLanguage Language)
{
    public string Diverged => Language.Pick("diverged", "发散");

    public string NotRun => Language.Pick("not run", "未运行");

    public string OneRun => Language.Pick("one run", "只训练一次");

    public string NoInterval => Language.Pick("no interval over runs", "无跨训练的区间");

    /// <summary>The name of a row: of an ablation its setting, else its strategy; by keys, so that only English has it from the
    /// results.</summary>
    internal string Name(Row row)
    {
        if (Language == ToolLanguage.English) return row.Label;
        var name = row.Setting.Length == 0 || row.Group == Results.Distillation ? Strategy(row.Variant, row.Label) : Setting(row);
        return row.Diverged == 0 || row.HasDiverged ? name : $"{name}（{row.Seeds.Count()} 次训练中 {row.Diverged} 次发散）";
    }

    /// <summary>The name of a strategy by its key.</summary>
    internal string Strategy(string variant, string english) => Language.Pick(english, ChineseComparison.Row(variant) ?? english);

    /// <summary>The number of a layer, and of its camera where that is not the first.</summary>
    internal string Layer(int number, int view) =>
        view == 1 ? $"{number}" : Language.Pick($"{number}, view {view}", $"第 {number} 层，视角 {view}");

    /// <summary>A layer of a row, where rows have several.</summary>
    internal string LayerOf(Row row, int number, int view) => Language.Pick($"{Name(row)}, layer {Layer(number, view)}",
        view == 1 ? $"{Name(row)}，第 {number} 层" : $"{Name(row)}，{Layer(number, view)}");

    /// <summary>What stands in place of a value where there is none.</summary>
    internal string Absent(Row row) => row.HasDiverged ? Diverged : NotRun;

    /// <summary>Two rows that are compared.</summary>
    internal string Pair(PairedTest test, string between) => $"{Name(test.First)} {between} {Name(test.Second)}";

    private string Setting(Row row)
    {
        var configuration = row.Configuration;
        return row.Group switch
        {
            "learning-rate" => $"{Strategy(row.Variant, row.Variant)}，{row.LearningRate.ToString(CultureInfo.InvariantCulture)}",
            "choice" => ChineseChoice(row, row.Setting),
            ComparisonGroups.Chosen => row.Setting.EndsWith(ComparisonGroups.LongBudgetEnding, StringComparison.Ordinal)
                ? ChineseChoice(row, row.Setting[..^ComparisonGroups.LongBudgetEnding.Length]) + "，三倍步数" : ChineseChoice(row, row.Setting),
            "longer" => $"{Strategy(row.Variant, row.Variant)}，{configuration.Recipe.Steps.ToString(CultureInfo.InvariantCulture)} 步",
            "pretraining" => row.Setting[..(row.Setting.IndexOf('%', StringComparison.Ordinal) + 1)]
                + (configuration.Pretraining is null ? "，直接训练" : "，先学图文说明"),
            _ => configuration.Policy.Fusion.Vision.Tokens is { } tokens ? $"{tokens.Count}，{ChineseComparison.Of(tokens.Method)}"
                : ChineseComparison.Setting(row.Setting) ?? row.Setting,
        };
    }

    /// <summary>What a row chose; its setting ends with it.</summary>
    private string ChineseChoice(Row row, string setting)
    {
        var choice = setting[(setting.LastIndexOf(", ", StringComparison.Ordinal) + 2)..];
        return $"{Strategy(row.Variant, row.Variant)}，" + choice switch
        {
            "as usual" => "照常",
            "longer warm-up" => "更长的预热",
            "half-open gates" => "门初始半开",
            "1 round" => "1 轮",
            "4 rounds" => "4 轮",
            "three times the steps" => "三倍步数",
            _ => $"学习率 {row.LearningRate.ToString(CultureInfo.InvariantCulture)}",
        };
    }
}
