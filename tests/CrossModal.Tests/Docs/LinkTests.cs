namespace CrossModal.Tests.Docs;

public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.Files(".md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Relative_links_lead_somewhere(string path)
    {
        var broken = new Markdown(Repository.Read(path)).Links.Where(link => !Resolves(path, link)).ToList();
        Assert.True(broken.Count == 0, $"{path}: {string.Join(", ", broken)}");
    }

    [Fact]
    public void A_broken_link_is_found()
    {
        Assert.True(Resolves("docs/guide.md", "../samples/heads.cs"));
        Assert.True(Resolves("docs/guide.md", "#10-cost"));
        Assert.True(Resolves("docs/guide.md", "guide.zh-CN.md#8-下采样"));
        Assert.True(Resolves("docs/guide.md", "https://arxiv.org"));
        Assert.False(Resolves("docs/guide.md", "samples/heads.cs"));
        Assert.False(Resolves("docs/guide.md", "#11-cost"));
        Assert.False(Resolves("docs/guide.md", "guide.zh-CN.md#8-下采"));
        Assert.Equal(["a.md", "b.png"], new Markdown("[a](a.md) `[c](c.md)` ![b](b.png \"title\")\n```\n[d](d.md)\n```").Links);
    }

    private static bool Resolves(string page, string link)
    {
        if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal)) return true;
        var parts = Uri.UnescapeDataString(link).Split('#', 2);
        var folder = Path.GetDirectoryName(page) ?? "";
        var target = parts[0].Length == 0 ? page : Path.Combine(folder, parts[0]);
        var full = Path.Combine(Repository.Root, target);
        return parts.Length == 1 ? Path.Exists(full) : File.Exists(full)
            && new Markdown(Repository.Read(target)).Anchors.Contains(parts[1]);
    }
}
