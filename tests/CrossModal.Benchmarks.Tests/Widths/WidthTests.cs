using CrossModal.Benchmarks.Reporting;
using CrossModal.Benchmarks.Widths;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Benchmarks.Tests.Widths;

public sealed class WidthTests
{
    [Fact]
    public void A_row_states_both_times_the_floor_and_the_ratio()
    {
        var run = new WidthsRun("m", [new("softmax:4x8", Narrow: 6, Wide: 4, Ratio: 1.5, Bytes: 1, Arithmetic: 2, Beside: null)]);
        var (name, rows) = Assert.Single(WidthTables.All(run));
        Assert.Equal("widths", name);
        Assert.Equal(["`softmax:4x8`", "6.00", "4.00", "2.00", "2.00", "2.00×", "1.50×"], Assert.Single(rows));
    }

    [Fact]
    public void Every_case_has_a_name_of_its_own_without_spaces_and_can_be_called()
    {
        var cases = WidthCases.All();
        Assert.Equal(cases.Count, cases.Select(c => c.Name).Distinct().Count());
        Assert.All(cases, c =>
        {
            Assert.DoesNotContain(' ', c.Name);
            Assert.True(c.Read + c.Written > 0);
            c.Call(Workers.Single);
        });
    }

    [Theory]
    [InlineData("docs/performance.md")]
    [InlineData("docs/performance.zh-CN.md")]
    public void The_table_of_the_page_is_that_of_the_measurement_beside_it(string page)
    {
        var root = ReferenceFolders.Repository;
        var copy = Path.GetTempFileName();
        try
        {
            File.Copy(Path.Combine(root, page), copy, overwrite: true);
            var measured = Path.Combine(root, "docs/performance/widths.json");
            Assert.Equal(0, ReportCommand.Run(ReportArguments.Parse(["--widths", measured, "--pages", copy])));
            Assert.Equal(File.ReadAllText(Path.Combine(root, page)), File.ReadAllText(copy));
        }
        finally
        {
            File.Delete(copy);
        }
    }

    [Theory]
    [InlineData("--rounds", "0")]
    [InlineData("--beside", "no/such/file.dll")]
    [InlineData("--json", "no/such/folder/widths.json")]
    [InlineData("--colour", "red")]
    public void What_makes_no_sense_is_refused(params string[] args) => Assert.Throws<UsageException>(() => WidthsArguments.Parse(args));
}
