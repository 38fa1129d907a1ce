using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Comparisons;

public sealed class ComparisonDisplayTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_watches_sees_a_table_and_a_log_gets_lines_without_control_characters(bool watched)
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, watched ? TerminalColors.TrueColor : TerminalColors.None, 120, watched);
        var recipe = new TabletopRecipe { Steps = 10 };
        var configuration = new CellConfiguration(TabletopLossSource.Describe("perceiver", new FusionOptions(8, 2), recipe), recipe,
            new EvaluationPlan());
        var cell = new PlannedCell(new CellPlace("heads", "perceiver-8", "Perceiver", CellRole.Final, "8"), configuration,
            "0123456789abcdef");
        var status = new CellStatus(CellPhase.Testing, 0.25) { Loss = 0.5, Successes = 3, Episodes = 4 };
        var result = ComparisonDisplay.Run(terminal, watcher =>
        {
            watcher.Changed(new ComparisonState(1, 7, [new RunningCell(cell, status), new RunningCell(cell with { Key = "x" }, null)],
                TimeSpan.FromMinutes(95)));
            return 5;
        });
        Assert.Equal(5, result);
        if (!watched)
        {
            Assert.DoesNotContain('\u001b', output.ToString());
            return;
        }

        foreach (var text in (string[])["1 of 7 cells, about 1:35 h left", "perceiver-8 (8)", "testing", "25 %", "0.5", "75 % of 4"])
            Assert.Contains(text, output.ToString());
    }
}
