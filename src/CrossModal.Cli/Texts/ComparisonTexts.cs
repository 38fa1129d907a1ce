namespace CrossModal.Cli.Texts;

/// <summary>What <c>compare</c> prints.</summary>
/// <param name="Language">The language.</param>
internal sealed record ComparisonTexts(ToolLanguage Language)
{
    public IReadOnlyList<string> Columns => Language == ToolLanguage.Chinese
        ? ["策略", "种子", "用途", "阶段", "完成", "损失", "至今成功率"] : ["strategy", "seed", "run", "phase", "done", "loss", "success so far"];

    public string Timing => Language.Pick("Timing every row in turn", "逐行测速");

    public string Began(IEnumerable<string> groups, string protocol, int threads, string folder) => Language.Pick(
        $"Comparing {string.Join(", ", groups)}: {protocol} protocol, {threads} cells side by side, results in {folder}",
        $"比较 {string.Join("、", groups)}：协议 {protocol}，{threads} 个单元并行，结果写入 {folder}");

    public string Finished(string report) => Language.Pick($"All cells are finished. Report: {report}", $"全部单元已完成。报告：{report}");

    public string Report(string path) => Language.Pick($"Report: {path}", $"报告：{path}");

    public string NotRun(int cells) => Language.Pick($"{cells} planned cells have not been run", $"计划中有 {cells} 个单元尚未运行");

    public string TimeIsUp(int left) => Language.Pick(
        $"Time is up: {left} cells are left; the same command goes on with them", $"时间到：还剩 {left} 个单元；再次运行同一命令即可继续");

    public string CannotRun(int missing, string example, string report) => Language.Pick(
        $"Cells that cannot be run, as what they wait for was not found: {missing}, such as {example}. Report: {report}",
        $"有 {missing} 个单元所依赖的内容找不到，无法运行，例如 {example}。报告：{report}");

    public string State(string state, double minutes, string cell) => Language.Format(
        $"  {state,-8} {minutes,6:0.0} min  {cell}", $"  {Chinese(state)} {minutes,6:0.0} 分钟  {cell}");

    public string Plan(int finished, int cells, double minutes, int threads, string protocol, string folder) => Language.Format(
        $"{finished} of {cells} cells finished; about {minutes:0} minutes left with {threads} side by side ({protocol} protocol, {folder})",
        $"{cells} 个单元中已完成 {finished} 个；{threads} 个并行，约剩 {minutes:0} 分钟（协议 {protocol}，{folder}）");

    public string Title(int finished, int planned, string left) => Language.Pick(
        $"{finished} of {planned} cells, about {left} left", $"单元 {finished}/{planned}，约剩 {left}");

    public string Cell(int finished, int planned, string cell, string outcome, string took, string left) => Language.Format(
        $"  {finished,3}/{planned}  {cell}: {outcome}, {took}; {left} left",
            $"  {finished,3}/{planned}  {cell}：{outcome}，用时 {took}；剩余 {left}");

    public string Validation(int successes, int episodes) => Language.Pick($"validation {successes}/{episodes}",
        $"验证 {successes}/{episodes}");

    public string SuccessSoFar(double rate, int episodes) => Language.Format($"{rate:0} % of {episodes}", $"{rate:0} %（共 {episodes} 回合）");

    public string Running(string variant, ulong seed, string? phase, double share, string success) => Language.Format(
        $"{variant} seed {seed} {phase} {100 * share:0} % {success}", $"{variant} 种子 {seed} {phase} {100 * share:0} % {success}");

    public string Progress(int finished, int planned, string running, string left) => Language.Format(
        $"  {finished,3}/{planned}  {running}; {left} left", $"  {finished,3}/{planned}  {running}；剩余 {left}");

    public string Clock(TimeSpan time) => time.TotalHours >= 1
        ? Language.Format($"{(int)time.TotalHours}:{time.Minutes:D2} h", $"{(int)time.TotalHours}:{time.Minutes:D2} 小时")
        : Language.Format($"{time.Minutes}:{time.Seconds:D2} min", $"{time.Minutes}:{time.Seconds:D2} 分钟");

    private static string Chinese(string state) => state switch
    {
        "finished" => "已完成",
        "begun" => "已开始",
        _ => "未运行",
    };
}
