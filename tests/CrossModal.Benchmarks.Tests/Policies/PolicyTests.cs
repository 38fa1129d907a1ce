using CrossModal.Benchmarks.Policies;
using CrossModal.Benchmarks.Reporting;

namespace CrossModal.Benchmarks.Tests.Policies;

public sealed class PolicyTests
{
    [Fact]
    public void Tables_have_every_strategy_and_a_summary_of_the_first()
    {
        var times = new StepTimes(PlainPreprocessing: 1000, Eager: 200, Preprocessing: 150, Compiled: 150, Flops: 20e6,
            PeakFlops: 200_000)
        { Vision = 90, Fusion = 50, Head = 10 };
        PolicyRun[] runs = [new("m", "AVX-512", 1, [new("a", times), new("b", times)]),
            new("m", "AVX2", 2, [new("a", times with { Compiled = 250 })])];
        var tables = PolicyTables.All(runs).ToDictionary(t => t.Name, t => t.Rows);
        Assert.Equal(["`a`, AVX-512, 1", "1000", "200", "150", "150", "4.0×", "20.0", "100", "1.50×"], tables["policy"][0]);
        Assert.Equal(["`a`, AVX2, 2", "1000", "200", "150", "250", "3.0×", "20.0", "50", "5.00×"], tables["policy"][2]);
        Assert.Equal(["`b`, AVX-512, 1", "150", "90", "50", "10"], tables["policy-parts"][1]);
        Assert.Equal([["AVX-512", "0.30", "4.0×", "1.5×"], ["AVX2", "0.40", "3.0×", "5.0×"]], tables["policy-summary"]);
    }

    [Fact]
    public void A_measurement_is_kept_and_read()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.Equal(0, PolicyCommand.Run(PolicyArguments.Parse(["--layers", "1", "--width", "80", "--height", "60", "--rounds", "3",
                "--json", file])));
            var row = PolicyRun.Read(file).Rows.Single();
            Assert.Equal("cross-attention", row.Strategy);
            Assert.All((double[])[row.Times.Eager, row.Times.Compiled, row.Times.Preprocessing, row.Times.Floor], t =>
                Assert.True(t > 0 && double.IsFinite(t)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--strategies", "no-such")]
    [InlineData("--rounds", "2")]
    [InlineData("--width", "0")]
    [InlineData("--colour", "red")]
    public void What_makes_no_sense_is_refused(params string[] args) => Assert.Throws<UsageException>(() => PolicyArguments.Parse(args));
}
