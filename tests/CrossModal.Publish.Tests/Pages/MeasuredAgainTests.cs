using CrossModal.Cli.Tests.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Publish.Pages;
using CrossModal.Publish.Repeating;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Tests.Pages;

/// <summary>What is measured again beside results: times of steps, and whole cells.</summary>
public sealed class MeasuredAgainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Times_measured_by_themselves_stand_in_place_of_those_of_the_results()
    {
        Compare();
        var own = Latency();
        var run = PublishRun.Of("times", "--results", _folder);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var times = ComparisonFile.FindTimes(_folder)!;
        Assert.Equal((Machine.Line, ComparisonCollection.SpeedRounds, "concat-pooled"),
            (times.Machine, times.Rounds, Assert.Single(times.Rows).Variant));
        ComparisonFile.WriteTimes(_folder, times with { Rows = [times.Rows[0] with { MedianMilliseconds = own + 7 }] });
        Assert.Equal(own + 7, Latency());
        Assert.Equal(Machine.Line, new DocumentValues(Results.Load(_folder), ToolLanguage.English).Find("times machine"));

        File.WriteAllText(Path.Combine(_folder, ComparisonFile.TimesName), "{}");
        Assert.Contains("times.json: is not of the format 'crossmodal-times/1'", PublishRun.Of("docs", "--results", _folder, "--docs",
            _folder).Error);

        double Latency() => Results.Load(_folder) is var results ? results.Latency(results.Rows[0]).Median : 0;
    }

    [Fact]
    public void A_cell_that_is_trained_again_comes_out_the_same_and_one_that_does_not_is_told()
    {
        Compare();
        var published = Results.Load(_folder).File.Cells.First(c => c.Place.Role == CellRole.Final).Result;
        var run = PublishRun.Of("repeat", "--cell", published.Key, "--results", _folder, "--work", Path.Combine(_folder, "again"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"  the same: {published.Tests.Sum(t => t.Successes)} and ", run.Output);
        Assert.DoesNotContain("other digits", run.Output);
        var values = RecordedAnswers.ReadAll(_folder).Single(a => a.Values.ContainsKey("repeated cells")).Values;
        Assert.Equal(("1", "1", "0"), (values["repeated cells"], values["repeated agreeing"], values["repeated other-outcomes"]));

        var test = published.Tests[0];
        var bits = EpisodeBits.Decode(test.Succeeded, test.Episodes);
        bits[0] = !bits[0];
        var other = RepeatedCell.Of("a cell", published,
            published with { Version = "another", Tests = [test with { Succeeded = EpisodeBits.Encode(bits) }, .. published.Tests.Skip(1)] });
        Assert.Equal(["tests"], other.Differences);
        Assert.Equal((false, 1, 1), (other.Agrees, other.OtherOutcomes, Math.Abs(other.Successes - other.SuccessesAgain)));

        // A metric that only later versions report is no difference; a loss is one, and so is a distance, which leaves the outcomes.
        var later = published with { Losses = published.Losses with { Metrics = new Dictionary<string, IReadOnlyList<double?>>(published.Losses.Metrics) { ["new"] = [1] } } };
        Assert.Empty(RepeatedCell.Of("a cell", published, later).Differences);
        var nearer = RepeatedCell.Of("a cell", published, published with
        {
            Tests = [test with { FinalDistanceCentimetres = test.FinalDistanceCentimetres - 0.25 }, .. published.Tests.Skip(1)],
        });
        Assert.Equal((true, 0.25), (nearer.Agrees, nearer.Distance));
        Assert.Equal(["losses"], RepeatedCell.Of("a cell", published, published with
        {
            Losses = published.Losses with { Loss = [.. published.Losses.Loss.Select(Math.BitIncrement)] },
        }).Differences);

        Assert.Contains("--cell: there is no cell 'abc'", PublishRun.Of("repeat", "--cell", "abc", "--results", _folder).Error);
        Assert.Contains("give the key of at least one cell", PublishRun.Of("repeat", "--results", _folder).Error);
    }

    [Fact]
    public void A_cell_of_another_width_of_vectors_is_not_repeated()
    {
        Compare();
        var file = Results.Load(_folder).File;
        ComparisonFile.WriteResults(Path.Combine(_folder, ComparisonFile.ResultsName), file with
        {
            Cells = [.. file.Cells.Select(c => c with
            {
                Result = c.Result with { Timing = c.Result.Timing with { Machine = "1 core, 64-bit vectors, linux-x64" } },
            })],
        });
        var refused = PublishRun.Of("repeat", "--cell", file.Cells[0].Result.Key, "--results", _folder);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("was made with 64-bit vectors, and this machine computes with ", refused.Error);
    }

    private void Compare()
    {
        var protocol = Path.Combine(_folder, "tiny.json");
        ComparisonFile.WriteProtocol(protocol, new ComparisonProtocol
        {
            Name = "tiny",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 4, Scenes = 2, Instructions = 2 },
            Episodes = new ProtocolEpisodes(2, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 0 },
        });
        Assert.Equal(0, ToolRun.Of("compare", "--protocol", protocol, "--only", "concat-pooled", "--out", _folder, "--workers", "1").ExitCode);
    }
}
