using CrossModal.Training;

namespace CrossModal.Cli.Texts;

/// <summary>What a training says of itself while it runs.</summary>
/// <param name="Language">The language.</param>
internal sealed record ProgressTexts(ToolLanguage Language)
{
    public string Figures(double loss, double speed, string left) => Language.Format(
        $"loss {loss:G4}  {speed:F0} samples/s  {left} left", $"损失 {loss:G4}  {speed:F0} 样本/秒  剩余 {left}");

    public string InstructionEffect(double effect, double noise) => Language.Format(
        $"  instruction effect {effect:G3} σ (noise {noise:G2})", $"  指令效应 {effect:G3} σ（噪声 {noise:G2}）");

    public string GoesOn(string title, int step, int steps) => Language.Pick($"{title}: goes on after step {step} of {steps}",
        $"{title}：从第 {step} 步之后继续，共 {steps} 步");

    public string Step(string title, int step, int steps, string figures) => Language.Format(
        $"{title}: step {step}/{steps}  {100L * step / steps}%  {figures}",
            $"{title}：第 {step}/{steps} 步  {100L * step / steps}%  {figures}");

    public string Ended(string title, TrainingSummary summary, string time)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var hasLoss = !double.IsNaN(summary.Loss);
        return Language.Format(
            $"{title}: {(summary.Cancelled ? "stopped after" : "finished")} step {summary.Step} in {time}{(hasLoss ? FormattableString.Invariant($", loss {summary.Loss:G4}") : "")}",
            $"{title}：{(summary.Cancelled ? "停止于" : "完成")}第 {summary.Step} 步，用时 {time}{(hasLoss ? FormattableString.Invariant($"，损失 {summary.Loss:G4}") : "")}");
    }
}
