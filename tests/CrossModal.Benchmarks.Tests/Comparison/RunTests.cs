using CrossModal.Benchmarks.Comparison;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class RunTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
    private readonly Configuration _configuration =
        new("machine", new Dictionary<string, string> { ["ours"] = "1", ["ort"] = "2" }, ["layers:a/1"]);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_run_that_was_broken_off_continues_after_its_last_complete_round()
    {
        var run = new Run { Configuration = _configuration, Rounds = 2 };
        run.Samples.AddRange([KeptTests.At(0, 1), KeptTests.At(1, 2), KeptTests.At(2, 3)]);
        run.Figures["f"] = 1.5;
        run.CalibratorBest[2] = 77;
        run.Save(_file);
        var continued = Run.StartOrContinue(_file,
            _configuration with { Versions = new Dictionary<string, string> { ["ort"] = "2", ["ours"] = "1" } });
        Assert.Equal(2, continued.Rounds);
        Assert.Equal(run.Samples.Take(2), continued.Samples);
        Assert.Equal(1.5, continued.Figures["f"]);
        Assert.Equal(77, continued.CalibratorBest[2]);
    }

    [Fact]
    public void A_file_of_another_run_is_refused_with_the_reason()
    {
        new Run { Configuration = _configuration }.Save(_file);
        Refused("another machine", _configuration with { Machine = "other" });
        Refused("another build of ours", _configuration with
        {
            Versions = new Dictionary<string, string>
            {
                ["ours"] = "9",
                ["ort"] = "2"
            }
        });
        Refused("something else", _configuration with { Measures = ["layers:b/1"] });
        File.WriteAllText(_file, "not json");
        Refused("is not a file of a run", _configuration);
    }

    [Fact]
    public void Without_a_file_a_run_starts_anew() => Assert.Empty(Run.StartOrContinue(_file, _configuration).Samples);

    [Theory]
    [InlineData(30, 1, 3, "1 min left")]
    [InlineData(10, 1, 3, "20 s left")]
    [InlineData(120, 2, 7, "5 min left")]
    public void The_time_left_is_that_of_the_steps_left(int seconds, int done, int steps, string expected) =>
        Assert.Equal(expected, Progress.Left(TimeSpan.FromSeconds(seconds), done, steps));

    private void Refused(string reason, Configuration configuration) =>
        Assert.Contains(reason, Assert.Throws<UsageException>(() => Run.StartOrContinue(_file, configuration)).Message,
            StringComparison.Ordinal);
}
