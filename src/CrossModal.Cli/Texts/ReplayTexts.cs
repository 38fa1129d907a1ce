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

    public string OtherDirection => Language.Pick(", another direction", "，方向不同");

    public string OtherGripper => Language.Pick(", the other gripper command", "，夹爪命令相反");

    public string Against(string instruction, bool differs, double effect, double overNoise) => Language.Format(
        $"{(differs ? "would differ" : "would be the same")} under \"{instruction}\": {effect:0.000} σ, {overNoise:0.0}× noise",
        $"换成“{instruction}”{(differs ? "会不同" : "不变")}：{effect:0.000} σ，噪声的 {overNoise:0.0} 倍");
}
