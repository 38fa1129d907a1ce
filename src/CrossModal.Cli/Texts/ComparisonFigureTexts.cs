using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Texts;

/// <summary>What the drawings of a comparison say.</summary>
/// <param name="Language">The language.</param>
internal sealed record ComparisonFigureTexts(ToolLanguage Language)
{
    public string Textbook => Language.Pick("textbook", "教科书");

    public string Chance => Language.Pick("chance", "随机水平");

    public string PointsAtTarget => Language.Pick("points at the right object", "指向正确的物体");

    public string TouchesTarget => Language.Pick("touches it first", "最先碰到它");

    public string TouchesNothing => Language.Pick("touches nothing", "什么都没碰");

    public string Success => Language.Pick("success", "成功率");

    public string Difference => Language.Pick("difference, percentage points", "差值，百分点");

    public string Equal => Language.Pick("equal", "相等");

    public string OneRun => Language.Pick("one run: interval over episodes alone", "只训练一次：区间仅跨回合");

    public string ToldApart => Language.Pick("told apart", "可以区分");

    public string NotToldApart => Language.Pick("not told apart", "不能区分");

    public string ValidationSuccess => Language.Pick("success on validation layouts", "验证布局上的成功率");

    public string Samples => Language.Pick("training samples so far", "已用的训练样本数");

    public string AllSamples => Language.Pick("samples of the whole training", "整个训练的样本数");

    public string TrainingSeconds => Language.Pick("seconds of training on one thread", "单线程训练秒数");

    public string OneTraining => Language.Pick("one training, on its way", "一次训练的途中");

    public string OwnTrainings => Language.Pick("trainings of their own, each at its end", "各自独立的训练，取终点");

    public string ShorterTrainings => Language.Pick("shorter trainings", "更短的训练");

    public string WithoutCaptions => Language.Pick("alone", "直接训练");

    public string AfterCaptions => Language.Pick("after captions", "先学图文说明");

    public string Changes => Language.Pick("acts differently under another instruction", "换指令后做法不同");

    public string AndSucceeds => Language.Pick("and succeeds at it", "并且成功");

    public string EqualSamples => Language.Pick("after equal samples", "样本数相同");

    public string WholeTraining => Language.Pick("seconds of the whole training", "整个训练的秒数");

    public string NoPoint => Language.Pick("no point that early", "那时还没有数据点");

    public string Latency => Language.Pick("milliseconds per control step, one thread", "每个控制步的毫秒数，单线程");

    public string Flops => Language.Pick("million floating-point operations per control step", "每个控制步的百万次浮点运算");

    public string Parameters => Language.Pick("parameters of the policy", "策略的参数量");

    public string NewLayoutSuccess => Language.Pick("success on new layouts (S0)", "新布局上的成功率 (S0)");

    public string LiftAxis => Language.Pick("lift, ×", "提升度，×");

    public string NotJudged => Language.Pick("not judged", "未评判");

    public string Camera => Language.Pick("camera", "相机");

    public string NoMaps => Language.Pick("No attention of this strategy goes from words to patches.", "该策略没有从单词到 patch 的注意力。");

    public IReadOnlyList<string> Endings => [Success, Reason(FailureReason.Timeout), Reason(FailureReason.MovedOtherObject),
        Reason(FailureReason.WrongObjectLifted)];

    public string EqualTime(double seconds) => Language.Pick($"after equal time ({HtmlWriter.Fixed(seconds, 0)} s)",
        $"训练时间相同（{HtmlWriter.Fixed(seconds, 0)} 秒）");

    public string OverRuns(bool many, bool one) => (many, one) switch
    {
        (true, true) => Language.Pick("measured, 95 % interval over runs (small marks) and episodes; of one run over episodes",
            "实测，跨训练（小竖线）与回合的 95 % 区间；只训练一次的仅跨回合"),
        (true, false) => Language.Pick("measured, 95 % interval over training runs (small marks) and episodes",
            "实测，跨训练（小竖线）与回合的 95 % 区间"),
        _ => Language.Pick("measured, 95 % interval over the episodes of one training run", "实测，单次训练的 95 % 区间，仅跨回合"),
    };

    public string Steps(int step) => Language.Pick($"step {step}", $"第 {step} 步");

    public string Film(string row, string task, string split, string instruction) =>
        Language.Pick($"{row}, {task} {split}: {instruction}", $"{row}，{task} {split}：{instruction}");

    public string Succeeded(int steps) => Language.Pick($"success after {steps} steps", $"第 {steps} 步成功");

    public string Failed(int steps, FailureReason reason) => Language.Pick($"failed after {steps} steps: {Reason(reason)}",
        $"第 {steps} 步失败：{Reason(reason)}");

    public string Maps(string layer) => Language.Pick($"{layer}, mean over heads; below each picture the strongest patch, × uniform.",
        $"{layer}，各头平均；每幅图下是权重最大的 patch，数字为均匀权重的倍数。");

    internal string Of(WordKind kind) => kind switch
    {
        WordKind.Verb => Language.Pick("verbs, at the target", "动词，目标物体"),
        WordKind.Color => Language.Pick("colours, at what they name", "颜色词，所指物体"),
        _ => Language.Pick("shapes, at what they name", "形状词，所指物体"),
    };

    internal string Of(PolicyControl control) => control switch
    {
        PolicyControl.None => Language.Pick("as asked", "按要求"),
        PolicyControl.NoLanguage => Language.Pick("no words", "无文字"),
        PolicyControl.NoVision => Language.Pick("no picture", "无图像"),
        PolicyControl.ShuffledInstruction => Language.Pick("another's words", "另一回合的指令"),
        _ => Language.Pick("another goal", "另一个目标"),
    };

    internal string Split(string split) => split switch
    {
        Results.NewLayouts => Language.Pick("New layouts (S0)", "新布局 (S0)"),
        Results.UnseenPairs => Language.Pick("Unseen colour–shape pairs (Z1)", "未见的颜色–形状组合 (Z1)"),
        _ => split,
    };

    internal string Reason(FailureReason reason) => reason switch
    {
        FailureReason.Timeout => Language.Pick("out of time", "超时"),
        FailureReason.MovedOtherObject => Language.Pick("moved another object", "碰动别的物体"),
        FailureReason.WrongObjectLifted => Language.Pick("lifted the wrong object", "拿起错误的物体"),
        _ => reason.ToString(),
    };
}
