using CrossModal.Cli.Hosting;
using CrossModal.Cli.Progress;
using CrossModal.Imaging;
using CrossModal.Training;

namespace CrossModal.Cli.Tests.Progress;

public sealed class ConsoleProgressTests
{
    [Fact]
    public void Redirected_output_gets_a_line_per_twentieth_with_loss_speed_and_time_left()
    {
        var lines = Plain(progress => Walk(progress, 0, 1000, secondsPerStep: 0.01));
        Assert.Equal(1 + 20 + 1, lines.Length);
        Assert.Equal("film: step 1/1000  0%  loss 0.001235  250 samples/s  0:09 left", lines[0]);
        Assert.Equal("film: step 50/1000  5%  loss 0.06173  250 samples/s  0:09 left", lines[1]);
        Assert.Equal("film: finished step 1000 in 0:10, loss 1.235", lines[^1]);
        Assert.DoesNotContain(lines, line => line.Contains('\u001b'));
    }

    [Fact]
    public void A_slow_run_gives_a_sign_of_life_but_no_flood()
    {
        // Every second step is a twentieth of the run; the one between comes after ten quiet seconds.
        var slow = Plain(progress => Walk(progress, 0, 40, secondsPerStep: 11));
        Assert.Equal(40 + 1, slow.Length);
        var hours = Plain(progress => Walk(progress, 0, 10_000, secondsPerStep: 2));
        Assert.InRange(hours.Length, 60, 125);
    }

    [Fact]
    public void A_resumed_and_cancelled_run_says_so()
    {
        var lines = Plain(progress =>
        {
            progress.Started(500, 1000);
            progress.Ended(new TrainingSummary(500, true, double.NaN, TimeSpan.FromMinutes(62)));
        });
        Assert.Equal(["film: goes on after step 500 of 1000", "film: stopped after step 500 in 1:02:00"], lines);
    }

    [Fact]
    public void A_watched_terminal_gets_a_bar_with_the_figures()
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, TerminalColors.Palette256, columns: 120, isInteractive: true);
        var result = ConsoleProgress.Run(terminal, "film [a]", progress =>
        {
            Walk(progress, 0, 10, 0.1);
            return 42;
        });
        Assert.Equal(42, result);
        Assert.Contains("film [a]", output.ToString());
        Assert.Contains("100%", output.ToString());
        Assert.Contains("samples/s", output.ToString());
        Assert.Contains("finished step 10 in 0:01", output.ToString());
    }

    [Fact]
    public void What_the_work_throws_passes_through()
    {
        foreach (var interactive in (bool[])[false, true])
        {
            var terminal = new Terminal(TextWriter.Null, TextWriter.Null, isInteractive: interactive);
            Assert.Equal(3, Assert.Throws<TrainingDivergedException>(() =>
                ConsoleProgress.Run<int>(terminal, "film", _ => throw new TrainingDivergedException(3, "the loss is NaN"))).Step);
        }
    }

    private static string[] Plain(Action<ITrainingProgress> work)
    {
        using var output = new StringWriter();
        ConsoleProgress.Run(new Terminal(output, TextWriter.Null), "film", progress =>
        {
            work(progress);
            return 0;
        });
        return output.ToString().TrimEnd('\n').Split('\n');
    }

    private static void Walk(ITrainingProgress progress, int first, int steps, double secondsPerStep)
    {
        progress.Started(first, steps);
        for (var step = first + 1; step <= steps; step++)
        {
            var left = TimeSpan.FromSeconds((steps - step) * secondsPerStep);
            progress.Stepped(new TrainingReport(step, steps, step * 1.2345678 / 1000, 0.01, 1, 250,
                TimeSpan.FromSeconds(step * secondsPerStep), left, []));
        }

        progress.Ended(new TrainingSummary(steps, false, 1.2345678, TimeSpan.FromSeconds(steps * secondsPerStep)));
    }
}
