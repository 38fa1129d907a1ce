using CrossModal.Benchmarks.Reporting;
using CrossModal.Benchmarks.Variants;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Tests.Variants;

public sealed class VariantTests
{
    [Fact]
    public void Every_variant_is_measured_beside_full_attention()
    {
        foreach (var own in new[] { false, true })
        {
            var points = new VariantsMeasurement(Workers.Single).Measure(64, own);
            Assert.Equal([VariantPoint.Full, .. VariantsMeasurement.Variants], points.Select(p => p.Variant));
            Assert.Equal(1, points[0].Speedup);
            Assert.All(points, p => Assert.True(p.Microseconds > 0 && double.IsFinite(p.Speedup)));
        }
    }

    [Theory]
    [InlineData("≤ 64", 2.0, 3.0, 4.0)]
    [InlineData("> 1024", 0.5, 0.7, 0.9)]
    [InlineData("128", 0.5, 2.0, 4.0)]
    [InlineData("512", 2.0, 0.5, 2.0)]
    public void A_variant_pays_from_where_it_is_faster_and_stays_so(string expected, params double[] speedups) =>
        Assert.Equal(expected, VariantsCommand.Pays([.. speedups.Select((s, i) =>
            new VariantPoint("linear", false, 64 << (2 * i), 1, s))]));

    [Fact]
    public void Tables_have_a_row_for_each_variant()
    {
        var run = new VariantsRun("", 1, [new("full", true, 64, 1500, 1), new("full", true, 256, 2e6, 1), new("linear", true, 64, 750, 2),
            new("linear", true, 256, 1e4, 200)]);
        var rows = VariantTables.All(run).ToDictionary(t => t.Name, t => t.Rows);
        Assert.Empty(rows["variants-words"]);
        Assert.Equal(["`full`", "1.5 ms", "2.0 s", ""], rows["variants-patches"][0]);
        Assert.Equal(["`linear`", "2.00", "200", "≤ 64"], rows["variants-patches"][1]);
    }

    [Fact]
    public void Arguments_are_read_and_mistakes_named()
    {
        Assert.Equal([64, 1024], VariantsArguments.Parse(["--visuals", "1024,64"]).Visuals);
        Assert.StartsWith("--visuals: '65' is not a square",
            Assert.Throws<UsageException>(() => VariantsArguments.Parse(["--visuals", "65"])).Message);
    }
}
