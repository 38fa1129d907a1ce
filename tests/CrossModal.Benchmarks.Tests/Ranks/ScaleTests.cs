using CrossModal.Benchmarks.Ranks;
using CrossModal.Benchmarks.Reporting;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Benchmarks.Tests.Ranks;

public sealed class ScaleTests
{
    [Fact]
    public void A_fit_finds_the_latency_and_bandwidth_that_times_were_made_of()
    {
        var made = new ExchangeModel(40, 0.002);
        AllReducePoint[] points = [.. new[] { 1000, 20_000, 1_000_000 }.Select(n => new AllReducePoint("tcp", 2, n, made.Time(n, 2)))];
        var fit = ExchangeModel.Fit(points);
        Assert.Equal(made.Alpha, fit.Alpha, 1e-6);
        Assert.Equal(made.Beta, fit.Beta, 1e-9);
    }

    [Fact]
    public void With_one_shard_for_each_rank_as_much_travels_as_in_a_ring_all_reduce()
    {
        Assert.Equal(2 * 7.0 / 8 * 4 * 1000, ExchangeModel.Bytes(1000, 8));
        Assert.Equal(5 * 7.0 / 8 * 4 * 1000, ExchangeModel.Bytes(1000, 8, shards: 4));
        var model = new ExchangeModel(10, 0.001);
        Assert.Equal(0.5, model.Efficiency(model.Time(1000, 8), 1000, 8));
        Assert.True(model.Efficiency(1000, 1e6, 64) < model.Efficiency(1000, 1e6, 2));
    }

    [Theory]
    [InlineData("docs/scale.md")]
    [InlineData("docs/scale.zh-CN.md")]
    public void The_tables_of_the_page_are_those_of_the_measurement_beside_it(string page)
    {
        var root = ReferenceFolders.Repository;
        var copy = Path.GetTempFileName();
        try
        {
            File.Copy(Path.Combine(root, page), copy, overwrite: true);
            var measured = Path.Combine(root, "docs/scale/allreduce.json");
            var own = Path.Combine(Directory.CreateTempSubdirectory("crossmodal-").FullName, "allreduce.json");
            File.Copy(measured, own);
            Assert.Equal(0, ReportCommand.Run(ReportArguments.Parse(["--allreduce", own, "--pages", copy])));
            Assert.Equal(File.ReadAllText(Path.Combine(root, page)), File.ReadAllText(copy));
            foreach (var chart in (string[])["efficiency.svg", "efficiency.zh-CN.svg"])
                Assert.Equal(File.ReadAllText(Path.Combine(root, "docs/scale", chart)),
                    File.ReadAllText(Path.Combine(Path.GetDirectoryName(own)!, chart)));
            Directory.Delete(Path.GetDirectoryName(own)!, recursive: true);
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
