using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Folders_are_made_and_an_old_file_is_replaced()
    {
        var path = Path.Combine(_folder.FullName, "a", "b", "file.bin");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        AtomicFile.Write(path, stream => stream.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file_and_nothing_else()
    {
        var path = Path.Combine(_folder.FullName, "file.bin");
        File.WriteAllBytes(path, [1, 2, 3]);
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[200_000]);
            throw new IOException("No space left on device");
        }));
        Assert.Equal($"{path}: could not be written: No space left on device", error.Message);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public void Other_failures_pass_through_and_leave_nothing()
    {
        var path = Path.Combine(_folder.FullName, "file.bin");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void Of_many_who_make_a_file_of_one_name_at_the_same_time_one_succeeds_and_its_content_stays()
    {
        const int Writers = 6;
        using var start = new Barrier(Writers);
        for (var round = 0; round < 60; round++)
        {
            var (path, made) = (Path.Combine(_folder.FullName, $"{round}.bin"), new bool[Writers]);
            var writers = Enumerable.Range(0, Writers).Select(writer => new Thread(() => made[writer] = AtomicFile.WriteNew(path, stream =>
            {
                stream.WriteByte((byte)writer);
                start.SignalAndWait();
            }))).ToArray();
            foreach (var writer in writers) writer.Start();
            foreach (var writer in writers) writer.Join();
            var first = Assert.Single(Enumerable.Range(0, Writers), writer => made[writer]);
            Assert.Equal([(byte)first], File.ReadAllBytes(path));
        }

        Assert.All(_folder.GetFiles(), file => Assert.Equal(".bin", file.Extension));
    }

    [Fact]
    public void A_path_below_a_file_names_the_path()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        var path = Path.Combine(file, "below.bin");
        Assert.StartsWith(
            $"{path}: could not be written: ", Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => { })).Message);
    }

    [Fact]
    public void A_folder_is_not_replaced()
    {
        var path = _folder.CreateSubdirectory("taken").FullName;
        Assert.StartsWith(
            $"{path}: could not be written: ", Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => { })).Message);
        Assert.Empty(_folder.GetFiles());
    }
}
