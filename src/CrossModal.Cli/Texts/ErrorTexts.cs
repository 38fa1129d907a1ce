namespace CrossModal.Cli.Texts;

/// <summary>What the tool says around the reason of an error.</summary>
/// <param name="Language">The language.</param>
internal sealed record ErrorTexts(ToolLanguage Language)
{
    public string Stopped => Language.Pick("stopped", "已停止");

    public string NoMemory => Language.Pick("there is not enough memory for sizes like these", "内存不足以容纳这样的大小");

    public string WithHelp(string reason, string command) =>
        Language.Pick($"{reason}; see {command} --help", $"{reason}；用法见 {command} --help");

    public string StrategyFailed(string reason) => Language.Pick($"a strategy of --with failed: {reason}", $"--with 的策略出错：{reason}");

    public string Internal(string reason) => Language.Pick($"internal error, please report it: {reason}", $"内部错误，请报告：{reason}");

    public string Rank(int rank, string place) => Language.Pick($"rank {rank}: {place}", $"rank {rank}：{place}");

    public string RankEnded(int rank, string place) => Language.Pick(
        $"rank {rank} ({place}) ended, so all have stopped; the same command goes on from the last checkpoint, on another number of ranks too",
        $"rank {rank}（{place}）已退出，全部进程随之停止；再次运行同一命令即从最近的检查点继续，rank 数可以不同");

    public string Warning(string reason) => Language.Pick($"warning: {reason}", $"警告：{reason}");
}
