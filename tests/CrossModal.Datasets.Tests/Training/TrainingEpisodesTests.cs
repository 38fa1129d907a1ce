using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets.Tests.Training;

/// <summary>Data sets as policies are trained on them.</summary>
public sealed class TrainingEpisodesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pictures_are_decoded_once_into_the_size_of_training()
    {
        Made.LeRobot(_folder["a"], 3, "front", "wrist");
        using var source = Recordings.Open(_folder["a"]);
        var choice = DataChoice.Of(source, ["observation.images.wrist", "observation.images.front"], [], []);
        using (var cache = FrameCache.Open(_folder["cache"], "key", source, choice, 16))
        {
            var episodes = TrainingEpisodes.Read(source, choice, cache);
            Assert.Equal([3, 4, 5], episodes.Select(e => e.Frames.Count));
            foreach (var (e, episode) in episodes.Index())
                for (var t = 0; t < episode.Steps; t++)
                {
                    Assert.Equal(Letterbox.Fit(8, 6, 16).Apply(Made.Picture(e, t, 1)).Pixels, episode.Frames[t].Pixels);
                    Assert.Equal(Letterbox.Fit(8, 6, 16).Apply(Made.Picture(e, t, 0)).Pixels, episode.OtherViews[0][t].Pixels);
                }

            Assert.Equal(source.Numbers(source.Episodes[1], "observation.state"), episodes[1].States);
            Assert.Equal(["dx", "turn"], episodes[2].ActionQuantities.Select(q => q.Name));
        }

        // A second time nothing is decoded; under another key or size everything is.
        var decoded = 0;
        FrameCache.Open(_folder["cache"], "key", source, choice, 16, _ => decoded++).Dispose();
        Assert.Equal(0, decoded);
        FrameCache.Open(_folder["cache"], "other", source, choice, 16, _ => decoded++).Dispose();
        FrameCache.Open(_folder["cache"], "key", source, choice, 24, _ => decoded++).Dispose();
        Assert.Equal(2 * 2 * 3, decoded);
        Assert.Equal(3, Directory.GetDirectories(_folder["cache"]).Length);
    }

    [Fact]
    public void A_cache_that_was_cut_short_is_made_anew_and_a_stopped_one_leaves_nothing()
    {
        Made.Folders(_folder["a"], 2, ["camera"]);
        using var source = Recordings.Open(_folder["a"]);
        var choice = DataChoice.Of(source, [], [], []);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            FrameCache.Open(_folder["cache"], "key", source, choice, 16, _ => stop.Cancel(), stop.Token));
        Assert.False(Directory.Exists(_folder["cache"]));
        FrameCache.Open(_folder["cache"], "key", source, choice, 16).Dispose();
        var file = Path.Combine(Assert.Single(Directory.GetDirectories(_folder["cache"])), "camera0.rgb");
        File.WriteAllBytes(file, [1, 2, 3]);
        using var cache = FrameCache.Open(_folder["cache"], "key", source, choice, 16);
        Assert.Equal(16 * 16 * 3 * 7, new FileInfo(file).Length);
        Assert.Equal(Letterbox.Fit(8, 6, 16).Apply(Made.Picture(1, 3, 0)).Pixels, cache.Frames(1, 0)[3].Pixels);
    }

    [Fact]
    public void What_is_not_clear_must_be_chosen()
    {
        Made.Folders(_folder["a"], 2, ["front", "wrist"]);
        using var source = Recordings.Open(_folder["a"]);
        Assert.Contains("has several cameras; choose with --cameras: front, wrist",
            Assert.Throws<ArgumentException>(() => DataChoice.Of(source, [], [], [])).Message);
        Assert.Contains("has no camera 'top'; there are: front, wrist",
            Assert.Throws<ArgumentException>(() => DataChoice.Of(source, ["top"], [], [])).Message);
        Assert.Contains("has no numbers called 'dx'; there are: actions, states",
            Assert.Throws<ArgumentException>(() => DataChoice.Of(source, ["front"], ["dx"], [])).Message);
        Assert.Empty(DataChoice.Of(source, ["front"], [], ["none"]).State);
        Assert.Equal(["states"], DataChoice.Of(source, ["front"], [], []).State);
        Directory.Delete(_folder["a/episode_001/wrist"], recursive: true);
        using var partial = Recordings.Open(_folder["a"]);
        Assert.Equal(["episode_001: pictures of the camera wrist"], partial.Missing);
        Assert.Equal(["episode_000"], DataChoice.Of(partial, ["front", "wrist"], [], []).Episodes(partial).Select(e => e.Name));
        File.Delete(_folder["a/episode_001/front/001.png"]);
        Assert.Contains("001.png: is missing", Assert.Throws<FileFormatException>(() => Recordings.Open(_folder["a"])).Message);
    }
}
