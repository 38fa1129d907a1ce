using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class LossLogTests
{
    [Fact]
    public void Rows_come_back_and_a_late_metric_gets_a_column()
    {
        using var folder = new TemporaryFolder();
        using (var log = new LossLog(folder["losses.csv"]))
        {
            log.Append(Report(1));
            log.Append(Report(2, ("accuracy", 0.5)));
            log.Append(Report(3));
        }

        Assert.Equal(
            "step,loss,learning_rate,gradient_norm,samples_per_second,accuracy\n1,0.1,0.01,2,100,\n2,0.2,0.01,2,100,0.5\n3,0.30000000000000004,0.01,2,100,\n",
            File.ReadAllText(folder["losses.csv"]));
        Assert.Equal([double.NaN, 0.5, double.NaN], LossLog.Read(folder["losses.csv"])["accuracy"]);
    }

    [Fact]
    public void Opening_again_drops_later_rows_and_one_cut_off_by_a_kill()
    {
        using var folder = new TemporaryFolder();
        Write(folder, 5);
        File.AppendAllText(folder["losses.csv"], "6,0.");
        using (var log = new LossLog(folder["losses.csv"], afterStep: 3)) log.Append(Report(4));
        Assert.Equal([1, 2, 3, 4], LossLog.Read(folder["losses.csv"])["step"]);
    }

    [Fact]
    public void A_log_that_ends_too_early_is_refused()
    {
        using var folder = new TemporaryFolder();
        Write(folder, 2);
        Assert.Contains("of step 2", Assert.Throws<FileFormatException>(() => new LossLog(folder["losses.csv"], afterStep: 3)).Message);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "line 1")]
    [InlineData("step,loss,learning_rate,gradient_norm,samples_per_second\n1,2\n", "line 2")]
    [InlineData("step,loss,learning_rate,gradient_norm,samples_per_second\n1,x,1,1,1\n", "line 2: loss")]
    [InlineData("", "line 1")]
    public void A_damaged_log_is_named_with_its_line(string text, string place)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["losses.csv"], text);
        var error = Assert.Throws<FileFormatException>(() => LossLog.Read(folder["losses.csv"]));
        Assert.Contains("losses.csv", error.Message);
        Assert.Contains(place, error.Message);
    }

    [Fact]
    public void The_json_copy_has_an_array_per_column()
    {
        using var folder = new TemporaryFolder();
        using var log = new LossLog(folder["losses.csv"]);
        log.Append(Report(1));
        log.Append(Report(2, ("精度", double.NaN)));
        log.Append(Report(3, ("精度", 0.25)));
        log.Flush();
        var json = JsonNode.Parse(File.ReadAllText(log.JsonPath))!;
        Assert.Equal([1, 2, 3], json["step"]!.AsArray().Select(x => (int)x!));
        Assert.Equal([null, null, 0.25], json["精度"]!.AsArray().Select(x => (double?)x));
    }

    [Fact]
    public void A_metric_that_cannot_name_a_column_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var log = new LossLog(folder["losses.csv"]);
        Assert.Contains("'a,b'", Assert.Throws<ArgumentException>(() => log.Append(Report(1, ("a,b", 1)))).Message);
    }

    private static void Write(TemporaryFolder folder, int steps)
    {
        using var log = new LossLog(folder["losses.csv"]);
        for (var step = 1; step <= steps; step++) log.Append(Report(step));
    }

    private static TrainingReport Report(int step, params (string Name, double Value)[] metrics) => new(
        step, 10, step * 0.1, 0.01, 2, 100, TimeSpan.Zero, TimeSpan.Zero, [.. metrics.Select(m => KeyValuePair.Create(m.Name, m.Value))]);
}
