using CrossModal.Cli.Tests.Comparisons;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Tests.Commands;

public sealed class ReportCommandTests
{
    [Fact]
    public void The_command_draws_the_page_beside_the_results()
    {
        using var folder = new TemporaryFolder();
        ComparisonFile.WriteResults(folder["results.json"], SampleComparison.Build());
        Assert.Equal(0, ToolRun.Of("report", "--results", folder.Path).ExitCode);
        var page = File.ReadAllText(folder["report.html"]);
        Assert.Contains("Fusion strategies compared", page);
        Assert.Equal(0, ToolRun.Of("report", "--results", folder["results.json"], "--out", folder["again.html"]).ExitCode);
        Assert.Equal(page, File.ReadAllText(folder["again.html"]).Replace("again.html", "report.html", StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_input_is_one_line()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, ToolRun.Of("report").ExitCode);
        File.WriteAllText(folder["results.json"], "{}");
        var run = ToolRun.Of("report", "--results", folder["results.json"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("results.json", run.OnlyError());
        Assert.False(File.Exists(folder["report.html"]));
    }
}
