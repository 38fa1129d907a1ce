using ParquetSharp;

namespace CrossModal.Datasets.Tests.LeRobot;

/// <summary>Real LeRobot data sets, parts of which are missing.</summary>
[Trait("Category", "Shared")]
public sealed class LeRobotSourceTests
{
    [RealDataFact]
    public void A_partial_download_of_version_3_gives_what_is_there_and_says_what_is_not()
    {
        using var source = Recordings.Open(RealData.Path("lerobot_v3_bimanual"));
        Assert.Equal(("LeRobot v3.0", 30.0), (source.Format, source.Rate));
        Assert.Equal(["episode_000016", "episode_000023", "episode_000024", "episode_000029"], source.Episodes.Select(e => e.Name));
        Assert.Equal([498, 499, 320, 361], source.Episodes.Select(e => e.Length));
        Assert.Equal(["image"], source.Episodes[3].Cameras);

        // info.json says h264.
        Assert.Equal(("image", 640, 480, "MPEG-4 part 2"),
            (source.Cameras[0].Name, source.Cameras[0].Width, source.Cameras[0].Height, source.Cameras[0].Encoding));
        Assert.Equal(30.0, source.Cameras[0].Rate);
        Assert.Equal(["actions"], source.Action);
        Assert.Equal(["state"], source.State);
        Assert.Equal("left.joint_1.pos", source.Column("state").Quantities[0].Name);
        Assert.Contains(source.Missing, line => line.StartsWith(
            "tables of numbers of 46 of 50 episodes; there: 16, 23–24, 29", StringComparison.Ordinal));
    }

    [RealDataFact]
    public void Videos_that_were_not_downloaded_are_named()
    {
        using var third = Recordings.Open(RealData.Path("lerobot_v3_so101_novideo"));
        Assert.Equal(4, third.Episodes.Count);
        Assert.Equal(1492, third.Episodes.Sum(e => e.Length));
        Assert.Empty(third.Cameras);
        Assert.Contains(third.Missing, line => line.Contains(
            "all pictures of the camera observation.images.front", StringComparison.Ordinal));
        using var second = Recordings.Open(RealData.Path("lerobot_v21_g1"));
        Assert.Equal([479, 393, 343], second.Episodes.Select(e => e.Length));
        Assert.Equal("Pick up the yellow bottle on the table.", second.Episodes[0].Instruction);
        Assert.Equal("kLeftShoulderPitch", second.Column("action").Quantities[0].Name);
        Assert.Contains(second.Missing, line => line.StartsWith(
            "tables of numbers of 97 of 100 episodes; there: 0–2", StringComparison.Ordinal));
    }

    [RealDataFact]
    public void Numbers_of_an_episode_are_those_of_Arrow()
    {
        using var source = Recordings.Open(RealData.Path("lerobot_v3_so101_novideo"));
        using var reader = new ParquetFileReader(RealData.Path("lerobot_v3_so101_novideo/data/chunk-000/file-000.parquet"));
        var (rows, episodes) = (new List<float?[]>(), new List<long?>());
        for (var g = 0; g < reader.FileMetaData.NumRowGroups; g++)
        {
            using var group = reader.RowGroup(g);
            for (var c = 0; c < reader.FileMetaData.NumColumns; c++)
            {
                using var column = group.Column(c);
                var name = column.ColumnDescriptor.Path.ToDotVector()[0];
                if (name == "action") rows.AddRange(column.LogicalReader<float?[]>().ReadAll((int)group.MetaData.NumRows));
                if (name == "episode_index") episodes.AddRange(column.LogicalReader<long?>().ReadAll((int)group.MetaData.NumRows));
            }
        }

        foreach (var episode in source.Episodes)
            Assert.Equal(rows.Where((_, i) => $"episode_{episodes[i]:000000}" == episode.Name)
                .Select(r => r.Select(v => v!.Value).ToArray()), source.Numbers(episode, "action"));
    }

    [RealDataFact("ffmpeg")]
    [Trait("Category", "Shared")]
    public void Every_picture_of_the_real_videos_is_the_frame_of_ffmpeg()
    {
        using var source = Recordings.Open(RealData.Path("lerobot_v3_bimanual"));
        Assert.Equal(4, source.Episodes.Count);
        foreach (var (episode, file) in source.Episodes.Zip(["016", "023", "024", "029"]))
        {
            var video = RealData.Path($"lerobot_v3_bimanual/videos/image/chunk-000/file-{file}.mp4");
            var digests = System.Text.Encoding.ASCII.GetString(Programs.Run("ffmpeg", "-v", "error", "-i", video, "-pix_fmt", "rgb24", "-f",
                "framemd5", "-")).Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(',')[^1].Trim()).ToArray();
            Assert.Equal(episode.Length, digests.Length);
            Assert.Equal(digests, source.Frames(episode, "image").Select(f => Convert.ToHexStringLower(Md5(f.Pixels))));
        }
    }

#pragma warning disable CA5351 // The digest is ffmpeg's, and protects nothing.
    private static byte[] Md5(byte[] pixels) => System.Security.Cryptography.MD5.HashData(pixels);
#pragma warning restore CA5351
}
