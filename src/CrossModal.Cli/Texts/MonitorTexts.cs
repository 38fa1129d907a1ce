using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Cli.Texts;

/// <summary>What <c>monitor</c> prints.</summary>
/// <param name="Language">The language.</param>
internal sealed record MonitorTexts(ToolLanguage Language)
{
    public string Recorded(string task, string condition, int successes, int episodes) => Language.Pick(
        $"recorded {task}, {condition}: {successes} of {episodes} succeed",
            $"已记录 {task}，{Condition(condition)}：{episodes} 个回合中成功 {successes} 个");

    public string Fitted(int episodes, int successes, double alpha, string path) => Language.Format(
        $"trained on {episodes} episodes; threshold from {successes} other successes, at most {100 * alpha:0.#} % of such are stopped by mistake: {path}",
        $"用 {episodes} 个回合训练；阈值取自另外 {successes} 个成功回合，误停至多 {100 * alpha:0.#} %：{path}");

    public string Area(double time, double area, double spread) => Language.Format(
        $"area under the curve at {100 * time:0} % of the time, lengths matched: {area:0.000} ± {spread:0.000} (length only: 0.5)",
        $"在 {100 * time:0} % 的时间上，长度配对后的 AUROC：{area:0.000} ± {spread:0.000}（只看长度：0.5）");

    public string FalseStops(WilsonInterval share, int successes, double alpha) => Language.Format(
        $"stopped by mistake: {100 * share.Rate:0.0} % [{100 * share.Lower:0.0}, {100 * share.Upper:0.0}] of {successes} successes, meant to be at most {100 * alpha:0.#} %",
        $"误停：{successes} 个成功回合中的 {100 * share.Rate:0.0} % [{100 * share.Lower:0.0}, {100 * share.Upper:0.0}]，设定为至多 {100 * alpha:0.#} %");

    public string Stopped(string condition, WilsonInterval share, int failures) => Language.Format(
        $"failures stopped, {condition}: {100 * share.Rate:0.0} % [{100 * share.Lower:0.0}, {100 * share.Upper:0.0}] of {failures}",
        $"停下的失败回合，{Condition(condition)}：{failures} 个中的 {100 * share.Rate:0.0} % [{100 * share.Lower:0.0}, {100 * share.Upper:0.0}]");

    /// <summary>What circumstances are called in Chinese.</summary>
    public static string Condition(string name) => name switch
    {
        "plain" => "无改动",
        "unseen-pairs" => "没见过的组合",
        "many-objects" => "物体多",
        "words-withheld" => "不给指令",
        "words-garbled" => "指令被打乱",
        "stuck-gripper" => "夹爪卡住",
        _ => name,
    };
}
