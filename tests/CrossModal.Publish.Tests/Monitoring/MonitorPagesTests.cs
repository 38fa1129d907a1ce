using CrossModal.Publish.Monitoring;

namespace CrossModal.Publish.Tests.Monitoring;

/// <summary>The pages on the monitor against the cells beside them: every number in them is one that was measured.</summary>
public sealed class MonitorPagesTests
{
    [Fact]
    public void Pages_on_the_monitor_say_what_the_cells_say()
    {
        var docs = Path.Combine(Root(), "docs");
        Assert.All(MonitorPages.Names, page => Assert.True(File.Exists(Path.Combine(docs, page)), $"there is no {page}"));
        Assert.All(MonitorPages.Fill(docs), file => Assert.True(
            file.Content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(docs, file.File))),
                $"{file.File} is not what the cells say"));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "CrossModal.slnx"))) folder = folder.Parent;
        return folder.FullName;
    }
}
