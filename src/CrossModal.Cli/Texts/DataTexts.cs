using CrossModal.Reports;

namespace CrossModal.Cli.Texts;

/// <summary>What the page of a data set says.</summary>
/// <param name="Language">The language.</param>
internal sealed record DataTexts(ToolLanguage Language)
{
    public string Episodes => Language.Pick("Episodes", "回合");

    public string Cameras => Language.Pick("Cameras", "相机");

    public string Instructions => Language.Pick("Instructions", "指令");

    public string OfDifferentText => Language.Pick("of different text", "内容各不相同");

    public string Ranges => Language.Pick("Ranges", "取值范围");

    public string Step => Language.Pick("step", "步");

    public string Action => Language.Pick("action", "动作");

    public string Command => Language.Pick("Command", "命令");

    public IReadOnlyList<Column> RangeColumns => Language == ToolLanguage.Chinese ? ["数组", "名称", "单位", "最小", "最大"]
        : ["numbers", "name", "unit", "least", "most"];

    public string Steps(long steps) => Language.Pick($"{steps} steps", $"{steps} 步");

    public string Missing(string what) => Language.Pick($"Missing: {what}.", $"缺少：{what}。");

    public string Warning(string what) => Language.Pick($"Warning: {what}.", $"警告：{what}。");

    public string Shown(int shown, int all) => Language.Pick($"{shown} of {all} episodes are shown.", $"这里显示 {all} 个回合中的 {shown} 个。");

    public string Camera(string name, int steps) => Language.Pick($"{name}, {steps} steps", $"{name}，{steps} 步");

    public string Frame(int step) => Language.Pick($"step {step}", $"第 {step} 步");

    public string NumbersShown(int shown, int all) => Language.Pick($"The first {shown} of {all} numbers of the action.",
        $"动作的 {all} 个数中的前 {shown} 个。");

    public string Page(string path) => Language.Pick($"Page: {path}", $"页面：{path}");
}
