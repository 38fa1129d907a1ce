using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets.Tests.Video;

/// <summary>Data sets of LeRobot whose pictures are videos, made here with ffmpeg: picture i of all is of the grey 4 i.</summary>
public sealed class VideoTests : IDisposable
{
    private static readonly int[] Lengths = [20, 15, 25];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProgramFact("ffmpeg")]
    public void Episodes_that_share_a_video_each_get_their_own_pictures()
    {
        Third(frames: 60, videoRate: 10);
        using var source = Recordings.Open(_folder.Path);
        Assert.Equal(("MPEG-4 part 2", 32, 16, 10.0),
            (source.Cameras[0].Encoding, source.Cameras[0].Width, source.Cameras[0].Height, source.Cameras[0].Rate!.Value));
        var first = 0;
        foreach (var episode in source.Episodes)
        {
            Assert.Equal(Enumerable.Range(first, episode.Length), source.Frames(episode, "top").Select(Number));
            first += episode.Length;
        }

        // One that is left before its end leaves no program behind, and the next begins anew.
        Assert.Equal([20, 21], source.Frames(source.Episodes[1], "top").Take(2).Select(Number));
    }

    [ProgramFact("ffmpeg")]
    public void A_video_of_twice_the_rate_gives_the_picture_of_each_steps_time()
    {
        Third(frames: 120, videoRate: 20, grey: 2);
        using var source = Recordings.Open(_folder.Path);
        Assert.Equal(Enumerable.Range(20, 15), source.Frames(source.Episodes[1], "top").Select(Number));
    }

    [ProgramFact("ffmpeg")]
    public void A_video_that_is_too_short_is_refused_with_what_is_needed()
    {
        Third(frames: 50, videoRate: 10);
        using var source = Recordings.Open(_folder.Path);
        Assert.Equal(15, source.Frames(source.Episodes[1], "top").Count());
        Assert.Contains("file-000.mp4: holds 50 pictures, episode_000002 needs number 59",
            Assert.Throws<FileFormatException>(() => source.Frames(source.Episodes[2], "top").Count()).Message);
    }

    [ProgramFact("ffmpeg")]
    public void A_damaged_video_is_refused_by_name()
    {
        Third(frames: 60, videoRate: 10);
        var path = _folder["videos/top/chunk-000/file-000.mp4"];
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Contains("file-000.mp4", Assert.Throws<FileFormatException>(() => Recordings.Open(_folder.Path)).Message);
        bytes.AsSpan(60, bytes.Length / 2).Fill(0x55);
        File.WriteAllBytes(path, bytes);
        var error = Record.Exception(() =>
        {
            using var source = Recordings.Open(_folder.Path);
            foreach (var episode in source.Episodes) source.Frames(episode, "top").Count();
        });
        Assert.True(error is null or FileFormatException, $"{error}");
    }

    [ProgramFact("ffmpeg")]
    public void An_episode_of_version_2_has_a_video_of_its_own()
    {
        Directory.CreateDirectory(_folder["meta"]);
        File.WriteAllText(_folder["meta/info.json"],
            Info("v2.1", "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
            "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"));
        File.WriteAllLines(_folder["meta/episodes.jsonl"], Lengths.Select((l, e) => $$"""{"episode_index": {{e}}, "tasks": ["go {{e}}"], "length": {{l}}}"""));
        for (var e = 0; e < 3; e++) Table($"data/chunk-000/episode_{e:000000}.parquet", [e]);
        Film("videos/chunk-000/top/episode_000001.mp4", 15, 10, 4);
        using var source = Recordings.Open(_folder.Path);
        Assert.Equal(("LeRobot v2.1", "go 1"), (source.Format, source.Episodes[1].Instruction));
        Assert.Equal(Enumerable.Range(0, 15), source.Frames(source.Episodes[1], "top").Select(Number));
        Assert.Equal(["pictures of the camera top of episodes 0, 2"], source.Missing);
    }

    [Fact]
    public void The_error_without_ffmpeg_says_how_to_get_it() => Assert.Contains("ffmpeg", Ffmpeg.HowToInstall);

    private static int Number(RgbImage picture) => (int)Math.Round(picture[16, 8].G / 4.0);

    /// <summary>A data set of version 3: three episodes in one table and one video.</summary>
    private void Third(int frames, int videoRate, int grey = 4)
    {
        Directory.CreateDirectory(_folder["meta/episodes/chunk-000"]);
        File.WriteAllText(_folder["meta/info.json"],
            Info("v3.0", "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"));
        Table("data/chunk-000/file-000.parquet", [0, 1, 2]);
        using (var stream = File.Create(_folder["meta/episodes/chunk-000/file-000.parquet"]))
        {
            var writer = new ParquetWriter(stream,
                [new("episode_index", ParquetKind.Int64), new("length", ParquetKind.Int64), new("tasks", ParquetKind.Texts),
                    new("videos/top/chunk_index", ParquetKind.Int64), new("videos/top/file_index", ParquetKind.Int64),
                    new("videos/top/from_timestamp", ParquetKind.Float)]);
            writer.Write([new long[] { 0, 1, 2 }, Array.ConvertAll(Lengths, l => (long)l), new string[][] { ["a"], ["b"], ["c"] },
                new long[3], new long[3], new[] { 0f, 2f, 3.5f }]);
            writer.Finish();
        }

        Film("videos/top/chunk-000/file-000.mp4", frames, videoRate, grey);
    }

    private void Table(string name, int[] episodes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        using var stream = File.Create(_folder[name]);
        var writer = new ParquetWriter(stream, [new("action", ParquetKind.Floats), new("timestamp", ParquetKind.Float),
            new("episode_index", ParquetKind.Int64)]);
        foreach (var e in episodes)
        {
            var steps = Enumerable.Range(0, Lengths[e]).ToArray();
            writer.Write([steps.Select(t => new[] { t, 1f }).ToArray(), steps.Select(t => t / 10f).ToArray(),
                steps.Select(_ => (long)e).ToArray()]);
        }

        writer.Finish();
    }

    private void Film(string name, int frames, int rate, int grey)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        for (var i = 0; i < frames; i++)
        {
            var image = new RgbImage(32, 16);
            image.Fill(new Rgb((byte)(grey * i), (byte)(grey * i), (byte)(grey * i)));
            Png.Write(_folder[$"film/{i:000}.png"], image);
        }

        Programs.Run("ffmpeg", "-v", "error", "-y", "-framerate", rate.ToString(CultureInfo.InvariantCulture), "-i",
            _folder["film/%03d.png"], "-c:v", "mpeg4", "-q:v", "1", _folder[name]);
        Directory.Delete(_folder["film"], recursive: true);
    }

    private static string Info(string version, string data, string video) =>
        $$$"""
        {"codebase_version": "{{{version}}}", "fps": 10, "total_episodes": 3, "chunks_size": 1000, "data_path": "{{{data}}}", "video_path": "{{{video}}}",
         "features": {"action": {"dtype": "float32", "shape": [2], "names": {"motors": ["a", "b"]}}, "top": {"dtype": "video", "shape": [16, 32, 3], "names": null, "info": {"video.codec": "av1"}},
          "timestamp": {"dtype": "float32", "shape": [1], "names": null}, "episode_index": {"dtype": "int64", "shape": [1], "names": null} } }
        """;
}
