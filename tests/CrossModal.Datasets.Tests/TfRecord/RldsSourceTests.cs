using CrossModal.Engine.Formats;

namespace CrossModal.Datasets.Tests.TfRecord;

/// <summary>Records of RLDS.</summary>
public sealed class RldsSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        // CRC-32C of "123456789" is E3069283; masked as TFRecord does.
        const uint crc = 0xE3069283;
        Assert.Equal(unchecked((crc >> 15 | crc << 17) + 0xA282EAD8), Crc32C.Masked("123456789"u8));
    }

    [Fact]
    public void An_episode_of_packed_and_unpacked_lists_is_read()
    {
        var path = Write(Records.Episode("push 推", [[1, 2], [3, 4], [5, -6]], 4));
        using var source = Recordings.Open(path);
        var episode = Assert.Single(source.Episodes);
        Assert.Equal(("push 推", 3), (episode.Instruction, episode.Length));
        Assert.Equal([[1, 2], [3, 4], [5, -6]], source.Numbers(episode, "action"));
        Assert.Equal([[0], [-1], [2]], source.Numbers(episode, "observation/count"));
        Assert.Equal(["front"], source.Cameras.Select(c => c.Name));
        Assert.Equal([0, 1, 2], source.Frames(episode, "front").Select(f => (int)f.Pixels[0]));
        Assert.Equal([8 * 8 * 3], source.Frames(episode, "front", 8).Select(f => f.Pixels.Length).Distinct());
    }

    [Fact]
    public void A_changed_byte_and_a_cut_file_are_refused_with_the_place()
    {
        var whole = Records.File(Records.Episode("go", [[1]], 4), Records.Episode("go", [[2]], 4));
        var path = _folder["a.tfrecord"];
        for (var at = 0; at < whole.Length; at += 7)
        {
            var changed = (byte[])whole.Clone();
            changed[at] ^= 4;
            File.WriteAllBytes(path, changed);
            Assert.Contains("a.tfrecord", Assert.Throws<FileFormatException>(() => Recordings.Open(path)).Message);
        }

        var first = Records.File(Records.Episode("go", [[1]], 4)).Length;
        for (var length = 12; length < whole.Length; length++)
        {
            if (length == first) continue;
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("was cut short: a record", Assert.Throws<FileFormatException>(() => Recordings.Open(path)).Message);
        }
    }

    [Fact]
    public void Shards_that_are_missing_are_named()
    {
        File.WriteAllBytes(_folder["x-train.tfrecord-00001-of-00003"], Records.File(Records.Episode("go", [[1]], 4)));
        using var source = Recordings.Open(_folder.Path);
        Assert.Equal(["2 of 3 files: x-train.tfrecord-00000-of-00003, x-train.tfrecord-00002-of-00003"], source.Missing);
    }

    [RealDataFact("libturbojpeg")]
    [Trait("Category", "Shared")]
    public void The_real_episodes_are_those_of_the_folders_made_from_them()
    {
        using var source = Recordings.Open(RealData.Path("octo_bridge"));
        using var folders = Recordings.Open(RealData.Path("bridge_episodes"));
        Assert.Equal(25, source.Episodes.Count);
        foreach (var (episode, folder) in source.Episodes.Zip(folders.Episodes))
        {
            Assert.Equal((folder.Length, folder.Instruction), (episode.Length, episode.Instruction));
            Assert.Equal(folders.Numbers(folder, "actions"), source.Numbers(episode, "action"));
            Assert.Equal(folders.Numbers(folder, "states"), source.Numbers(episode, "observation/state"));
            Assert.Equal(folders.Frames(folder, "camera").Select(f => f.Pixels), source.Frames(episode, "image_0").Select(f => f.Pixels));
        }
    }

    private string Write(params byte[][] records)
    {
        File.WriteAllBytes(_folder["a.tfrecord"], Records.File(records));
        return _folder["a.tfrecord"];
    }
}
