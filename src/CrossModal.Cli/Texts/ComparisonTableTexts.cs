using CrossModal.Experiments.Statistics;

namespace CrossModal.Cli.Texts;

/// <summary>What the tables of a comparison say.</summary>
/// <param name="Language">The language.</param>
internal sealed record ComparisonTableTexts(ToolLanguage Language)
{
    public string Strategy => Language.Pick("Strategy", "策略");

    public string NewLayouts => Language.Pick("New layouts (S0)", "新布局 (S0)");

    public string UnseenPairs => Language.Pick("Unseen pairs (Z1)", "未见组合 (Z1)");

    public string Textbook => Language.Pick("textbook", "教科书");

    public string Parameters => Language.Pick("Parameters", "参数量");

    public string Flops => Language.Pick("MFLOP per step", "每步 MFLOP");

    public string Milliseconds => Language.Pick("ms per step", "每步毫秒");

    public string Runs => Language.Pick("Runs", "训练次数");

    public string Variant => Language.Pick("Variant", "设置");

    public string Yes => Language.Pick("yes", "是");

    public string No => Language.Pick("no", "否");

    public string Base => Language.Pick("base", "基准");

    /// <summary>The mark of a row that still rises at its end; the caption says what it means.</summary>
    public const string StillRises = "↑";

    public string WholeBudget => Language.Pick("whole budget", "全部预算");

    public string Used => Language.Pick("used", "采用");

    public string OfShares => Language.Pick(
        "Shares are means over training runs, with the 95 % interval of a two-stage bootstrap: runs are drawn with replacement, "
        + "then episodes within each run. Three runs show two thirds of their variance, so such an interval is too short rather than "
        + "too long. Where there is one run, and where all episodes of all runs ended alike, it is the Wilson interval over the episodes.",
        "成功率为各次训练的平均值，附两级自助法的 95 % 区间：先有放回地抽取训练，再在每次训练内抽取回合。三次训练只能体现方差的三分之二，"
        + "因此区间偏短而不会偏长。只训练一次，或所有训练的所有回合结果都相同时，取跨回合的 Wilson 区间。");

    public IReadOnlyList<string> Seeds => Language == ToolLanguage.Chinese
        ? [Strategy, "最低的训练", "最高的训练"] : [Strategy, "Lowest run", "Highest run"];

    public IReadOnlyList<string> Tests => Language == ToolLanguage.Chinese
        ? ["比较", "差值 / 百分点", "95 % 区间", "仅前者成功", "仅后者成功", "p，McNemar", "p，校正后", "可区分"]
        : ["Pair", "Difference / points", "95 % interval", "only the first", "only the second", "p, McNemar", "p, corrected", "Told apart"];

    public string OfTests => Language.Pick(
        "Told apart: the interval, a paired two-stage bootstrap over training runs of the same seeds and their episodes, does not "
        + "contain 0; of one run it is over episodes alone and says nothing of the next run. "
        + $"The exact McNemar test, corrected together by {HolmCorrection.Name}, speaks of these trained policies on these episodes, "
        + "not of the next training. “Only the first”: episodes that it alone solved.",
        "可区分：对相同种子的训练及其回合做配对的两级自助法，区间不含 0；只训练一次时区间仅跨回合，不能说明下一次训练。"
        + $"精确 McNemar 检验按 {HolmCorrection.Name} 统一校正，只说明这些训练好的策略在这些回合上的差异，不说明下一次训练。“仅前者成功”：只有它成功的回合数。");

    public IReadOnlyList<string> Cells => Language == ToolLanguage.Chinese
        ? ["组", "行", "用途", "种子", "步数", "学习率", "样本数", "训练 / s", "评估 / s", "键"]
        : ["Group", "Row", "For", "Seed", "Steps", "Learning rate", "Samples", "Training / s", "Evaluation / s", "Key"];

    public IReadOnlyList<string> Way => Language == ToolLanguage.Chinese
        ? [Strategy, "指向正确的物体", "最先碰到它", "成功率", "超时", "碰动别的物体", "拿起错误的物体"]
        : [Strategy, "Points at the right object", "Touches it first", "Success", "Out of time", "Moved another object",
            "Lifted the wrong object"];

    public IReadOnlyList<string> Lift => Language == ToolLanguage.Chinese ? [Strategy, "层", "动词", "颜色", "形状"]
        : [Strategy, "Layer", "Verbs", "Colours", "Shapes"];

    public IReadOnlyList<string> Budgets => Language == ToolLanguage.Chinese ? ["样本数相同", "训练时间相同", "整个训练的秒数"]
        : ["After equal samples", "After equal time", "Seconds of the whole training"];

    public string Changed => Language.Pick("acts differently", "做法不同");

    public string AfterSamples(double samples) => Language.Format($"After a training of {samples:N0} samples", $"训练 {samples:N0} 个样本后");

    public string Range(string low, string high) => Language.Pick($"{low}\u00a0to\u00a0{high}", $"{low} 至 {high}");

    public string Sweep(long samples) => Language.Format(
        $"Success on validation layouts after {samples:N0} samples, by learning rate; where no run succeeded there, after the whole budget.",
        $"训练 {samples:N0} 个样本后在验证布局上的成功率，按学习率；那时没有一次成功的，取全部预算之后。");

    public string OfStrategies(bool besideTextbook) => OfShares + Language.Pick(
        $" {(besideTextbook ? "The textbook names no source for its numbers. " : "")}ms: one control step of the compiled policy on "
        + "one thread, picture to action, while the instruction stays; ~ while other cells were running. " + StillRises
        + ": still rising and not ranked, as on validation layouts the end is at least 5 points above the mean of the two points before, "
        + "by a one-sided test of two shares at 5 %.",
        $"{(besideTextbook ? "教科书没有给出其数字的来源。" : "")}毫秒：编译后的策略在单线程上的一个控制步，从图像到动作，指令不变；~ 表示测量时还有别的单元在运行。"
        + StillRises + "：仍在上升，不参与排名：验证布局上，终点比前两点的平均值至少高 5 个百分点，且双比例单侧检验在 5 % 水平上成立。");

    internal string Of(Generalization generalization) => generalization switch
    {
        Generalization.Poor => Language.Pick("poor", "差"),
        Generalization.Medium => Language.Pick("medium", "中等"),
        Generalization.Good => Language.Pick("good", "良好"),
        _ => Language.Pick("excellent", "优秀"),
    };
}
