namespace CrossModal.Cli.Texts;

/// <summary>What <c>doctor</c> says at its end.</summary>
/// <param name="Language">The language.</param>
internal sealed record DoctorSummaryTexts(ToolLanguage Language)
{
    public string NothingFailed => Language.Pick("nothing failed", "全部通过");

    public string Failed(int failed, int all) => Language.Pick($"{failed} of {all} failed", $"{all} 项中有 {failed} 项未通过");

    public string Subtitle(string checkpoint, string strategy, string where) => Language.Pick($"{checkpoint} ({strategy}), {where}",
        $"{checkpoint}（{strategy}），{where}");

    public string Page(string path) => Language.Pick($"Page: {path}", $"页面：{path}");
}
