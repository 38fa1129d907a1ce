namespace CrossModal.Tests.Docs;

/// <summary>The guide quotes the samples: what it shows stands in them, line by line.</summary>
public sealed class GuideTests
{
    public static TheoryData<string> Guides => ["docs/guide.md", "docs/guide.zh-CN.md"];

    [Theory]
    [MemberData(nameof(Guides))]
    public void The_guide_quotes_samples_as_they_are(string path)
    {
        var page = new Markdown(Repository.Read(path));
        Assert.False(page.EndsInside, $"{path}: a code block is not closed");
        foreach (var (language, lines) in page.Blocks)
        {
            var quoted = language switch
            {
                "csharp" => Sample.All.Any(s => Contains(s.Lines, lines)),
                "text" => Sample.All.Any(s => Contains(s.Expected, lines)),
                "sh" => lines.All(line => Sample.All.Any(s => s.Command == line)),
                _ => false,
            };
            Assert.True(quoted, $"{path}: no sample has this {language} block:\n{string.Join('\n', lines)}");
        }
    }

    [Theory]
    [MemberData(nameof(Guides))]
    public void The_guide_leads_to_every_sample(string path)
    {
        var links = new Markdown(Repository.Read(path)).Links.ToHashSet();
        Assert.Equal([], Sample.All.Select(s => $"../{s.Path}").Where(s => !links.Contains(s)));
    }

    [Fact]
    public void Both_languages_have_the_same_sections_and_blocks()
    {
        var (english, chinese) = (new Markdown(Repository.Read("docs/guide.md")), new Markdown(Repository.Read("docs/guide.zh-CN.md")));
        Assert.Equal(english.Anchors.Count, chinese.Anchors.Count);
        Assert.Equal(english.Blocks.Select(b => string.Join('\n', b.Lines)), chinese.Blocks.Select(b => string.Join('\n', b.Lines)));
    }

    /// <summary>Whether the lines stand one after the other, indentation aside.</summary>
    private static bool Contains(IReadOnlyList<string> all, IReadOnlyList<string> wanted) =>
        Enumerable.Range(0, Math.Max(0, all.Count - wanted.Count + 1))
            .Any(at => wanted.Select((line, i) => all[at + i].Trim() == line.Trim()).All(same => same));
}
