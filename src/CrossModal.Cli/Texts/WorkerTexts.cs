namespace CrossModal.Cli.Texts;

/// <summary>What <c>compare</c> prints of the workers of a shared folder.</summary>
/// <param name="Language">The language.</param>
internal sealed record WorkerTexts(ToolLanguage Language)
{
    public string Joined(int cells, string folder) => Language.Pick(
        $"Working on {folder} with whoever else does, {cells} {(cells == 1 ? "cell" : "cells")} at a time",
        $"加入 {folder} 的比较，与其他进程分担，同时运行 {cells} 个单元");

    public string Left => Language.Pick("Time is up: other workers, or the same command, go on with the cells that are left",
        "时间到：其余单元由其他进程继续，也可再次运行同一命令");

    public string Written(string report) => Language.Pick($"All cells are finished, and the results are written. Report: {report}",
        $"全部单元已完成，结果已写好。报告：{report}");

    public string Running(string cell, string host, int process, string phase, double share, string quiet) => Language.Format(
        $"  {phase,-11} {100 * share,3:0} %  {cell}, on {host} (process {process}), {quiet}",
        $"  {phase,-11} {100 * share,3:0} %  {cell}，在 {host} 上（进程 {process}），{quiet}");

    public string Quiet(double? seconds, bool silent) => seconds is not { } time
        ? Language.Pick("last sign of life unknown", "最近一次心跳时间未知")
        : silent ? Language.Format($"silent for {time:0} s: it will be taken over", $"已 {time:0} 秒没有心跳，将由其他进程接手")
            : Language.Format($"last sign of life {time:0} s ago", $"{time:0} 秒前有心跳");

    public string Summary(int finished, int cells, int workers, double minutes) => workers > 0
        ? Language.Format(
            $"{finished} of {cells} cells finished, {workers} under way; about {minutes:0} minutes left at this rate",
            $"{cells} 个单元中已完成 {finished} 个，{workers} 个正在运行；照此速度约剩 {minutes:0} 分钟")
        : Language.Format($"{finished} of {cells} cells finished, none under way; one worker would take about {minutes:0} minutes",
            $"{cells} 个单元中已完成 {finished} 个，没有正在运行的；一个进程约需 {minutes:0} 分钟");

    public string Submission(string path, string command) => Language.Pick($"Wrote {path}; start the workers with: {command}",
        $"已写入 {path}；用以下命令启动各进程：{command}");
}
