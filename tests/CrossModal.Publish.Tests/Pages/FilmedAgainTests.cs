using CrossModal.Cli.Tests.Hosting;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Tests.Pages;

public sealed class FilmedAgainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_film_of_before_maps_were_judged_is_made_again_with_the_policy_that_was_kept_and_then_has_its_verdicts()
    {
        ComparisonFile.WriteProtocol(_folder["tiny.json"], new ComparisonProtocol
        {
            Name = "tiny",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 4, Scenes = 2, Instructions = 2 },
            Episodes = new ProtocolEpisodes(2, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 1 },
        });
        Assert.Equal(0, ToolRun.Of("compare", "--protocol", _folder["tiny.json"], "--only", "cross-attention-1", "--out",
            _folder["kept"], "--workers", "1").ExitCode);
        var file = Directory.GetFiles(_folder["kept/films"]).Single();
        var judged = File.ReadAllText(file);
        var kept = CellFile.ReadFilms(file);
        Assert.All(kept.Films.SelectMany(f => f.Frames), frame => Assert.Equal(frame.Maps.Count, frame.Verdicts!.Count));
        CellFile.WriteFilms(file, kept with
        {
            Films = [.. kept.Films.Select(f => f with { Frames = [.. f.Frames.Select(frame => frame with { Verdicts = null })] })],
        });
        Assert.NotEqual(judged, File.ReadAllText(file));
        var run = PublishRun.Of("films", "--comparison", _folder["kept"], "--cell", kept.Key, "--films", "1");
        Assert.Equal((0, "", $"wrote {file}: 1 films"), (run.ExitCode, run.Error, run.Output.Trim()));
        Assert.Equal(judged, File.ReadAllText(file));

        Assert.Equal(0, PublishRun.Of("films", "--comparison", _folder["kept"], "--cell", kept.Key, "--films", "1", "--out",
            _folder["docs"]).ExitCode);
        Assert.Equal(judged, File.ReadAllText(_folder[$"docs/films/{Path.GetFileName(file)}"]));

        Assert.Contains("--cell 00: ", PublishRun.Of("films", "--comparison", _folder["kept"], "--cell", "00").OnlyError());
        Directory.Delete(_folder[$"kept/policies/{kept.Key}"], recursive: true);
        Assert.Contains($"--cell {kept.Key}: its policy was not kept",
            PublishRun.Of("films", "--comparison", _folder["kept"], "--cell", kept.Key).OnlyError());
        Assert.Contains("none: there is no such folder",
            PublishRun.Of("films", "--comparison", _folder["none"], "--cell", "00").OnlyError());
    }
}
