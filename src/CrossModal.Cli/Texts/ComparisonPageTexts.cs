using System.Globalization;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Texts;

/// <summary>What the page of a comparison says around its tables and drawings.</summary>
/// <param name="Language">The language.</param>
internal sealed record ComparisonPageTexts(ToolLanguage Language)
{
    public string Title => Language.Pick("Fusion strategies compared on robot tasks", "融合策略在机器人任务上的比较");

    public string Best => Language.Pick("Best on new layouts", "新布局上最好");

    public string BestUnseen => Language.Pick("Best on unseen colour–shape pairs", "未见颜色–形状组合上最好");

    public string BeatConcatenation => Language.Pick("Better than mean-pooled concatenation", "优于均值池化的拼接");

    public string WithoutWords => Language.Pick("The best, words withheld", "最好的策略，不给文字");

    public string Table => Language.Pick("The table", "结果表");

    public string TableBesideTextbook => Language.Pick("The textbook's table beside the measured one", "教科书的表与实测的表");

    public string Differences => Language.Pick("Which differences are larger than chance", "哪些差异超出随机");

    public string AgainstConcatenation => Language.Pick("Each strategy against mean-pooled concatenation", "各策略与均值池化的拼接相比");

    public string Spread => Language.Pick("Spread over training seeds", "随训练种子的波动");

    public string Splits => Language.Pick("Task by task, split by split", "按任务与划分");

    public IReadOnlyList<string> SplitColumns => Language == ToolLanguage.Chinese ? ["划分", "场景"] : ["Split", "Scenes"];

    public string AllTasks => Language.Pick("All tasks", "全部任务");

    public string Controls => Language.Pick("Controls: success with an input withheld", "对照：去掉一种输入后的成功率");

    public string ControlsCaption => Language.Pick(
        "Success on new layouts, all tasks, when something is withheld from the trained policy; with another's words it is judged by its " +
            "own goal, "
        + "with another goal by that. Chance: doing, perfectly, any one of the things that could have been asked in the scene.",
        "对训练好的策略去掉某种输入后在新布局上的成功率（全部任务）；给另一回合的指令时仍按自己的目标评判，给另一个目标时按该目标评判。随机水平：从场景中所有可能的目标里任选一个并完美完成。");

    public string OtherInstruction => Language.Pick(
        "The same scenes, with another goal asked for: behaviour has changed when another object is touched first or the tool ends " +
            "elsewhere.",
        "同样的场景，换一个目标：最先碰到的物体不同，或工具最后停在别处，即算行为改变。");

    public string Learning => Language.Pick("Learning curves", "学习曲线");

    public string LearningCaption => Language.Pick(
        "Bands are 95 % intervals over training runs and their validation episodes, over episodes alone where there is one run; the " +
            "other strategies are grey.",
        "色带为跨训练及其验证回合的 95 % 区间，只训练一次时仅跨回合；其他策略为灰色。");

    public string ByTimeCaption => Language.Pick(
        "The same against seconds of training: steps times what one takes, rows timed in turn on one thread.",
        "同上，横轴为训练秒数：步数乘以每步用时，各行在单线程上轮流计时。");

    public string BudgetsCaption => Language.Pick(
        "Success on validation layouts after equal samples, and after as much time as the quickest strategy's training took.",
        "验证布局上的成功率：样本数相同时，以及训练时间同最快的策略时。");

    public string LearningRates => Language.Pick("Learning rates tried", "试过的学习率");

    public string Cost => Language.Pick("What success costs", "成功率与代价");

    public string Front => Language.Pick("The dotted line joins the strategies that nothing cheaper reaches.", "虚线连接没有更便宜者能达到的策略。");

    public string Way => Language.Pick("From attention to action", "从注意力到动作");

    public string WayCaption => Language.Pick(
        "At the first step: the object nearest to where the policy points. Then the first object the fingers push or grasp, among " +
            "episodes in which any is.",
        "第一步：离策略所指位置最近的物体；随后：手指最先推到或抓到的物体，只计碰到物体的回合。");

    public string EndingsCaption => Language.Pick("How episodes end.", "回合如何结束。");

    public string AttentionWeights => Language.Pick("Attention weights of words", "各单词的注意力权重");

    public string LiftCaption => Language.Pick(
        "Lift: attention (mean over heads) on the right object over the share of the picture it covers; 1 is chance. Every layer, in the " +
            "order they run. "
        + "Strategies without attention from words to patches are not here.",
        "提升度：正确物体上的注意力（各头平均）除以它占画面的比例；1 为随机水平。按运行顺序列出每一层。没有从单词到 patch 的注意力的策略不在其中。");

    public string Films => Language.Pick("Episodes, with the attention map of each word", "回合，附各单词的热图");

    public string Further => Language.Pick("The library's other strategies", "库中的其他策略");

    public string EverySplit => Language.Pick("Success in every split", "各划分上的成功率");

    public string Withheld => Language.Pick("With an input withheld", "去掉一种输入");

    public string Numbers => Language.Pick("Numbers", "数值");

    public string Distillation => Language.Pick("Distillation", "蒸馏");

    public string Protocol => Language.Pick("Protocol and machine", "协议与机器");

    public string EveryCell => Language.Pick("Every cell", "全部单元");

    public string Tests => Language.Pick("Tests of every cell", "每个单元的测试");

    private string Separator => Language.Pick(", ", "、");

    public string Subtitle(int strategies, IEnumerable<string> tasks, string protocol, IEnumerable<string> seeds) => Language.Pick(
        $"{strategies} strategies, {string.Join(Separator, tasks)}; protocol {protocol}, training seeds {string.Join(Separator, seeds)}; "
        + "every strategy has the same data, budget and test episodes",
        $"{strategies} 个策略，任务 {string.Join(Separator, tasks)}；协议 {protocol}，训练种子 {string.Join(Separator, seeds)}；各策略的数据、预算与测试回合相同");

    internal string OutOf(int some, int all) => Language.Pick($"{some} of {all}", $"{some}/{all}");

    public string BeatNote(bool overRuns, string concatenation) => Language.Pick(
        $"the interval of the difference over {(overRuns ? "training runs and episodes" : "episodes, where there is one run")} lies above 0; "
        + $"concatenation: {concatenation}",
        $"差值的区间（{(overRuns ? "跨训练与回合" : "只训练一次时仅跨回合")}）在 0 以上；拼接为 {concatenation}");

    public string WithoutWordsNote(string range, string? chance) => range + (chance is null ? ""
        : Language.Pick($"; chance of the goal: {chance}", $"；随机选中目标：{chance}"));

    public string Row(string name, string range) => Language.Pick($"{name}, {range}", $"{name}，{range}");

    public string Missing(int missing, int finished) => Language.Pick(
        $"{missing} planned {(missing == 1 ? "cell has" : "cells have")} not been run, {finished} have: some rows are incomplete or say “not run”",
        $"计划中有 {missing} 个单元尚未运行，已运行 {finished} 个：有些行不完整，或标为“未运行”");

    public string Neighbours(string split) => Language.Pick($"Neighbours in the ranking: {split}", $"名次相邻的策略：{split}");

    public string Ablation(string group) => Language.Pick($"Ablation: {group.Replace('-', ' ')}", $"消融：{group}");

    public string AgainstPrevious(string split) => Language.Pick($"Each against the one above: {split}", $"各与上一行相比：{split}");

    public string AblationCaption(string group, string? about, int steps, int seeds)
    {
        var what = ComparisonGroups.Ablations.Contains(group)
            ? Language.Pick(ComparisonGroups.Summary(group), ChineseComparison.Ablation(group) ?? ComparisonGroups.Summary(group)) : group;
        return Language.Format(
            $"{char.ToUpperInvariant(what[0])}{what[1..]}. {(about is null ? "" : $"{about}, ")}{steps:N0} steps at most, training seeds: {seeds}.",
            $"{what}。{(about is null ? "" : $"{about}，")}最多 {steps:N0} 步，训练种子 {seeds} 个。");
    }

    public string Student(string split, string difference, string low, string high, bool ahead, bool manyRuns, string p) => Language.Pick(
        $"{split}: the student with a teacher is {difference} points [{low}, {high}] {(ahead ? "ahead of" : "behind")} the one without"
        + $"{(manyRuns ? "" : ", over the episodes of one run")}; exact McNemar p of these trained policies {p}.",
        $"{split}：有教师的学生比没有教师的{(ahead ? "高" : "低")} {difference} 个百分点 [{low}, {high}]"
        + $"{(manyRuns ? "" : "，只训练一次，区间仅跨回合")}；这些训练好的策略的精确 McNemar p 为 {p}。");

    public IReadOnlyList<(string Name, string Value)> Run(ComparisonResults file, string machine, string work, string session)
    {
        var seeds = string.Join(Separator, file.Seeds);
        return Language == ToolLanguage.Chinese
            ? [("协议", file.Protocol), ("训练种子", seeds), ("单元", $"已运行 {file.Finished} 个，未运行 {file.Missing.Count} 个"), ("机器", machine),
                ("计算量", $"单核 {work}，各次会话合计"), ("最近一次会话", session), ("版本", file.Version)]
            : [("Protocol", file.Protocol), ("Training seeds", seeds), ("Cells", $"{file.Finished} run, {file.Missing.Count} not run"),
                ("Machine", machine), ("Work", $"{work} of one core, over all sessions"), ("Last session", session),
                ("Version", file.Version)];
    }

    public string Configuration(string row) => Language.Pick($"Configuration: {row}", $"配置：{row}");

    public string Test(string task, string split, string control, int episodes) =>
        $"{task,-12}{split,-6}{control,-22}{episodes} {Language.Pick("episodes", "回合")}";

    internal string Split(string name, string english) => Language.Pick(english, ChineseComparison.Split(name) ?? english);

    public string Part(int steps, int wholeSteps, int tasks, int wholeTasks, int seeds, int wholeSeeds, int episodes, int wholeEpisodes) =>
        Language.Pick(
        $"A part of the published comparison: {N(steps)} of {N(wholeSteps)} training steps, {tasks} of {wholeTasks} tasks, "
        + $"{Count(seeds, "training seed")} instead of {wholeSeeds}, {Count(episodes, "test episode")} on new layouts instead of {N(wholeEpisodes)}. "
        + $"Strategies that learn slowly have not learned yet after so few steps, so the textbook's numbers do not stand beside these.{OneSeed(seeds)}",
        $"这是已发布比较的一部分：训练 {N(steps)} 步（全部为 {N(wholeSteps)} 步），任务 {tasks}/{wholeTasks} 个，训练种子 {seeds} 个（全部为 {wholeSeeds} 个），"
        + $"新布局上的测试回合 {N(episodes)} 个（全部为 {N(wholeEpisodes)} 个）。步数这么少，学得慢的策略还没有学会，因此不与教科书的数字并列。{OneSeed(seeds)}");

    private string OneSeed(int seeds) => seeds != 1 ? "" : Language.Pick(
        " Intervals are over the episodes of one training run: no interval over training runs exists.", "区间仅跨单次训练的回合：没有跨训练的区间。");

    private static string Count(int number, string what) => $"{N(number)} {what}{(number == 1 ? "" : "s")}";

    private static string N(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
