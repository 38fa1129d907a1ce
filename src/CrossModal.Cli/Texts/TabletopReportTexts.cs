using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Cli.Texts;

/// <summary>What the page of a run on the tabletop says.</summary>
/// <param name="Language">The language.</param>
internal sealed record TabletopReportTexts(ToolLanguage Language)
{
    public string Success => Language.Pick("Success", "成功率");

    public string Evaluation => Language.Pick("Evaluation", "评估");

    public string TargetFirst => Language.Pick("Target touched first", "最先碰到目标");

    public string TimedOut => Language.Pick("Timed out", "超时");

    public string WrongLifted => Language.Pick("Wrong object lifted", "拿起错误的物体");

    public string OtherMoved => Language.Pick("Another object moved", "碰动别的物体");

    public string SuccessCaption => Language.Pick(
        "Closed loop on layouts never trained on, with 95 % Wilson intervals. Success is the full test of the task; moving anything else " +
            "by more than 3 cm fails.",
        "在训练中从未出现的布局上闭环运行，附 95 % Wilson 区间。成功指通过任务的完整判定；把别的物体碰动 3 厘米以上即为失败。");

    public string AttentionOfWords => Language.Pick("Attention weights of words", "各单词的注意力权重");

    public string Layer => Language.Pick("Layer", "层");

    public string Word => Language.Pick("Word", "词类");

    public string OnObject => Language.Pick("Attention on the right object", "正确物体上的注意力");

    public string Area => Language.Pick("Share of the picture", "占画面的比例");

    public string Lift => Language.Pick("Lift", "提升度");

    public string Pointing => Language.Pick("Pointing", "指中率");

    public string GroundingCaption => Language.Pick(
        "Raw attention, mean over heads, judged against exact object masks. Lift 1 is chance: attention spread evenly. Pointing: the " +
            "most attended patch touches the object.",
        "原始注意力权重，取各头平均，用物体的精确掩码评判。提升度为 1 即随机水平：注意力均匀分布。指中率：权重最大的 patch 碰到该物体的比例。");

    public string Episodes => Language.Pick("Episodes", "回合");

    public string Training => Language.Pick("Training", "训练");

    public string Step => Language.Pick("step", "步");

    public string LossAxis => Language.Pick("loss and target error / cm", "损失与目标误差（厘米）");

    public string Loss => Language.Pick("loss", "损失");

    public string TargetError => Language.Pick("target error / cm", "目标误差（厘米）");

    public string LossCaption => Language.Pick(
        "Batch loss, and the mean horizontal distance between where the policy points and where the expert heads.",
        "每批的损失，以及策略所指位置与专家所去位置之间的平均水平距离。");

    public string Title(string strategy, IEnumerable<object> tasks) =>
        Language.Pick($"{strategy} on {string.Join(", ", tasks)}", $"{strategy}：任务 {string.Join("、", tasks)}");

    public string Subtitle(long parameters, int steps, ulong seed) => Language.Format(
        $"{parameters:N0} parameters, {steps} steps, seed {seed}", $"{parameters:N0} 个参数，训练 {steps} 步，种子 {seed}");

    public string Camera(string name) => Language.Pick($"{name} camera", name == "front" ? "正面相机" : "侧面相机");

    public string TwoInstructions => Language.Pick("One scene, two instructions", "同一场景，两条指令");

    public string TwoInstructionsCaption(string method) => Language.Pick(
        $"The same picture under two instructions: map of the words that name the target (method {method}). White: outline of the target. Red cross: "
            + "the place that the policy predicts for it. The camera is drawn larger than the policy's input.",
        $"同一张图像在两条指令下，指称目标的单词的热图（方法 {method}）。白色轮廓：目标物体；红色十字：策略预测的目标位置。图像比策略的输入更大，便于观看。");

    public string Maps(string instruction) => Language.Pick(
        $"{instruction}: attention of each word (mean over heads), × uniform.", $"{instruction}：每个单词的热图（各头平均），数字为均匀分布的倍数。");

    public string Best(double times, int row, int column) => Language.Format(
        $"{times:0.0}× at row {row}, column {column}", $"第 {row} 行第 {column} 列，{times:0.0}×");

    public string Episode(string evaluation, string instruction) =>
        Language.Pick($"{evaluation}: {instruction}", $"{evaluation}：{instruction}");

    public string Succeeded(int steps) => Language.Pick($"success after {steps} steps", $"第 {steps} 步成功");

    public string Failed(FailureReason reason) => Language.Pick($"failed: {English(reason)}", $"失败：{Chinese(reason)}");

    public string Frame(int step) => Language.Pick($"step {step}", $"第 {step} 步");

    private static string English(FailureReason reason) => reason switch
    {
        FailureReason.Timeout => "out of time",
        FailureReason.MovedOtherObject => "moved another object",
        FailureReason.WrongObjectLifted => "lifted the wrong object",
        _ => reason.ToString(),
    };

    private static string Chinese(FailureReason reason) => reason switch
    {
        FailureReason.Timeout => "超时",
        FailureReason.MovedOtherObject => "碰动了别的物体",
        FailureReason.WrongObjectLifted => "拿起了错误的物体",
        _ => reason.ToString(),
    };
}
