using CrossModal.Policies;

namespace CrossModal.Cli.Texts;

/// <summary>What <c>run</c> prints.</summary>
/// <param name="Language">The language.</param>
internal sealed record ReplayTexts(ToolLanguage Language)
{
    public string Frame => Language.Pick("frame", "帧");

    public string Median => Language.Pick("median", "中位数");

    public string NoState(IEnumerable<string> states) => Language.Pick(
        $"no --state: zeros in its place; the policy takes {string.Join(", ", states)}",
            $"未给 --state：以零代替；策略需要 {string.Join("、", states)}");

    public string Unknown(IEnumerable<string> words) => Language.Pick(
        $"the policy was not trained with: {string.Join(", ", words)}", $"策略训练时没有见过：{string.Join("、", words)}");

    public string Frames(int frames, int cameras) => Language.Pick($"{frames} frames, {cameras} camera(s), milliseconds",
        $"{frames} 帧，{cameras} 个相机，单位毫秒");

    public string Allocated(double bytes) => Language.Format($"bytes allocated a frame: {bytes:0.#}", $"每帧分配的字节数：{bytes:0.#}");

    public string Monitor(float score, bool stop) => Language.Format($"risk {score:0.00}{(stop ? " STOP" : "")}",
        $"风险 {score:0.00}{(stop ? " 停" : "")}");

    /// <summary>How a decision differs under another instruction.</summary>
    public string Against(Counterfactual other)
    {
        string[] differences =
        [
            .. other.OtherDirection ? [Language.Pick("another direction", "方向不同")] : (string[])[],
            .. other.OtherGripper ? [Language.Pick("the other gripper command", "夹爪命令相反")] : (string[])[],
        ];
        var more = differences.Length == 0 ? "" : Language.Pick(", ", "，") + string.Join(Language.Pick(", ", "，"), differences);
        return Language.Format(
            $"{(other.Differs ? "would differ" : "would be the same")} under \"{other.Instruction}\": {other.Effect:0.000} σ, {other.OverNoise:0.0}× noise{more}",
            $"换成“{other.Instruction}”{(other.Differs ? "会不同" : "不变")}：{other.Effect:0.000} σ，噪声的 {other.OverNoise:0.0} 倍{more}");
    }
}
