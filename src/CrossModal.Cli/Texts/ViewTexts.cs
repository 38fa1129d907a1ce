namespace CrossModal.Cli.Texts;

/// <summary>What <c>view</c> prints.</summary>
/// <param name="Language">The language.</param>
internal sealed record ViewTexts(ToolLanguage Language)
{
    public string Stop => Language.Pick("Ctrl+C ends it", "按 Ctrl+C 结束");

    public string NoPolicy => Language.Pick("without --checkpoint there is no policy, so the page shows recordings without maps",
        "没有给出 --checkpoint，也就没有策略：网页只显示记录，不显示热图");

    public string Episodes(int count, string title) => Language.Pick($"{title}: {count} episodes", $"{title}：{count} 个回合");

    public string Open(string address) => Language.Pick($"open {address} in a browser on this machine", $"请在本机的浏览器中打开 {address}");
}
