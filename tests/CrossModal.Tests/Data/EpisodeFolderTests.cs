using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Data;

public sealed class EpisodeFolderTests : IDisposable
{
    private const int Attempts = 2400;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_read_as_it_was_written()
    {
        var path = Recording.Write(_folder, "episode_007", steps: 3, "put the cup, please");
        Npy.Write(Path.Combine(path, "actions.npy"), StoredArray.From(new[] { 1.5, -2, 3, 4, 5, 6 }, 3, 2));
        var picture = new RgbImage(Recording.Width, Recording.Height);
        picture[2, 1] = new Rgb(9, 8, 7);
        Png.Write(Path.Combine(path, "001.png"), picture);
        var episode = EpisodeFolder.Read(path + Path.DirectorySeparatorChar);
        Assert.Equal("episode_007", episode.Name);
        Assert.Equal("put the cup, please", episode.Instruction);
        Assert.Equal(3, episode.Steps);
        Assert.Equal([[1.5f, -2], [3, 4], [5, 6]], episode.Actions);
        Assert.Equal(Npy.Read(Path.Combine(path, "states.npy")).ToSingles(), episode.States!.SelectMany(s => s));
        Assert.Equal(picture.Pixels, episode.Frames[1].Pixels);
    }

    [Fact]
    public void Episodes_come_in_the_order_of_their_names_and_states_may_be_missing()
    {
        foreach (var name in (string[])["episode_010", "episode_002", "episode_001", "other"])
            File.Delete(Path.Combine(Recording.Write(_folder, name), "states.npy"));
        var episodes = EpisodeFolder.ReadAll(_folder.Path);
        Assert.Equal(["episode_001", "episode_002", "episode_010"], episodes.Select(e => e.Name));
        Assert.All(episodes, e => Assert.Null(e.States));
    }

    [Fact]
    public void Names_and_units_are_those_of_the_file_or_numbered()
    {
        var path = Recording.Write(_folder, "episode_000", steps: 3, "cup");
        var states = Npy.Read(Path.Combine(path, "states.npy")).Shape[1];
        Assert.Equal([new Quantity("action0", "as recorded"), new Quantity("action1", "as recorded")],
            EpisodeFolder.Read(path).ActionQuantities);
        Assert.Equal(states, EpisodeFolder.Read(path).StateQuantities.Count);
        Write(path, """[{"name": "dx", "unit": "m"}, {"name": "turn", "unit": "rad"}]""");
        Assert.Equal([new Quantity("dx", "m"), new Quantity("turn", "rad")], EpisodeFolder.Read(path).ActionQuantities);

        Fault("episode.json", "\"actions\" names 1 numbers, actions.npy has 2 a step", p => Write(Path.GetDirectoryName(p)!, """[{"name": "dx", "unit": "m"}]"""));
        foreach (var wrong in (string[])["3", "[3]", """[{"name": "dx"}]""", """[{"name": "", "unit": "m"}, {"name": "b", "unit": "m"}]"""])
            Fault("episode.json", "\"actions\" is not a list such as", p => Write(Path.GetDirectoryName(p)!, wrong));
        Fault("episode.json", "has a name twice", p => Write(Path.GetDirectoryName(p)!, """[{"name": "dx", "unit": "m"}, {"name": "dx", "unit": "m"}]"""));

        Write(Recording.Write(_folder, "episode_001", steps: 3, "cup"), """[{"name": "dx", "unit": "mm"}, {"name": "turn", "unit": "rad"}]""");
        var error = Assert.Throws<FileFormatException>(() => EpisodeFolder.ReadAll(_folder.Path));
        Assert.EndsWith("number 0 of \"actions\" is dx [mm], in episode_000 it is dx [m]", error.Message);

        static void Write(string folder, string actions) => File.WriteAllText(Path.Combine(folder, "episode.json"), $$"""{"instruction": "cup", "actions": {{actions}}}""");
    }

    [Fact]
    public void Every_fault_is_one_error_that_names_the_file()
    {
        Fault("", "no such folder", Directory.Delete, whole: true, empty: true);
        Fault("", "holds no folder called episode_*", _ => { }, whole: true, empty: true);
        Fault("actions.npy", "is missing", File.Delete);
        Fault("actions.npy", "must hold a table [steps, numbers], holds [6]", p => Npy.Write(p, StoredArray.From(new float[6], 6)));
        Fault("actions.npy", "holds [0,2]", p => Npy.Write(p, StoredArray.From(Array.Empty<float>(), 0, 2)));
        Fault("actions.npy", "holds [3,0]", p => Npy.Write(p, StoredArray.From(Array.Empty<float>(), 3, 0)));
        Fault("actions.npy", "holds NaN in step 1", p => Npy.Write(p, StoredArray.From(new[] { 0, 0, 0, float.NaN, 0, 0 }, 3, 2)));
        Fault("actions.npy", "in step 2", p => Npy.Write(p, StoredArray.From(new[] { 0, 0, 0, 0, 1e300, 0 }, 3, 2)));
        Fault("actions.npy", "", p => File.WriteAllText(p, "1,2\n3,4\n"));
        Fault("002.png", "is missing; actions.npy has 3 steps", File.Delete);
        Fault("001.png", "is 8×7, the first picture 8×6", p => Png.Write(p, new RgbImage(8, 7)));
        Fault("001.png", "", p => File.WriteAllBytes(p, [1, 2, 3]));
        Fault("states.npy", "has 2 steps, actions.npy 3", p => Npy.Write(p, StoredArray.From(new float[6], 2, 3)));
        Fault("states.npy", "holds -", p => Npy.Write(p, StoredArray.From([float.NegativeInfinity, 0, 0], 3, 1)));
        Fault("episode.json", "is missing", File.Delete);
        Fault("episode.json", "is not JSON", p => File.WriteAllText(p, "instruction: pick"));
        Fault("episode.json", "is larger than 1 MB", p => File.WriteAllText(p, new string(' ', (1 << 20) + 1)));
        foreach (var text in (string[])["{}", "[]", "null", "{\"instruction\": 3}", "{\"instruction\": \"\"}",
            "{\"instruction\": \" \\n\"}", "{\"instruction\": \"?!\"}"])
            Fault("episode.json", "has no text called \"instruction\"", p => File.WriteAllText(p, text));
        Fault("episode.json", "is not Unicode", p => File.WriteAllText(p, "{\"instruction\": \"\\ud800\"}"));
        Fault("episode.json", "is not Unicode", p => File.WriteAllBytes(p, [.. "{\"instruction\": \"cup "u8, 0xC3, 0x28, .. "\"}"u8]));
    }

    [Fact]
    public void Episodes_that_do_not_agree_are_refused()
    {
        Recording.Write(_folder, "episode_000");
        var other = Recording.Write(_folder, "episode_001");
        Npy.Write(Path.Combine(other, "actions.npy"), StoredArray.From(new float[9], 3, 3));
        Refused("episode_001", "actions.npy", "has 3 numbers a step, episode_000 has 2");
        Recording.Write(_folder, "episode_001");
        Npy.Write(Path.Combine(other, "states.npy"), StoredArray.From(new float[6], 3, 2));
        Refused("episode_001", "states.npy", "has 2 numbers a step, episode_000 has 3");
        File.Delete(Path.Combine(other, "states.npy"));
        Refused("episode_001", "states.npy", "has 0 numbers a step, episode_000 has 3");

        void Refused(string episode, string file, string problem)
        {
            var error = Assert.Throws<FileFormatException>(() => EpisodeFolder.ReadAll(_folder.Path));
            Assert.Equal($"{_folder[episode, file]}: {problem}", error.Message);
        }
    }

    [Fact]
    public void No_damage_gives_anything_but_a_clear_error()
    {
        var path = Recording.Write(_folder, steps: 2);
        var files = Directory.GetFiles(path).Order(StringComparer.Ordinal).ToDictionary(f => f, File.ReadAllBytes);
        var random = new Random(20);
        var refused = 0;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (file, good) = files.ElementAt(attempt % files.Count);
            if (random.Next(40) == 0) File.Delete(file);
            else File.WriteAllBytes(file, Mutation.Damage(good, random));
            var what = $"attempt {attempt}, {Path.GetFileName(file)}: {(File.Exists(file) ? Convert.ToBase64String(File.ReadAllBytes(file)) : "deleted")}";
            var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Environment.TickCount64);
            try
            {
                EpisodeFolder.Read(path);
            }
            catch (FileFormatException error)
            {
                refused++;
                Assert.StartsWith(path, error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"{what}\n{error}");
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 4 << 20, what);
            Assert.True(Environment.TickCount64 - started < 5000, what);
            File.WriteAllBytes(file, good);
        }

        Assert.InRange(refused, Attempts / 4, Attempts - 1);
        Assert.Equal(2, EpisodeFolder.Read(path).Steps);
    }

    [SharedFact("realdata/bridge_episodes")]
    [Trait("Category", "Shared")]
    public void Real_recordings_are_read()
    {
        var episodes = EpisodeFolder.ReadAll(ReferenceFolders.Beside("realdata", "bridge_episodes")!);
        Assert.Equal(25, episodes.Count);
        Assert.All(episodes, e => Assert.Equal((7, 7), (e.Actions[0].Length, e.States![0].Length)));
        Assert.All(episodes, e => Assert.InRange(e.Steps, 5, 200));
    }

    private void Fault(string file, string problem, Action<string> spoil, bool whole = false, bool empty = false)
    {
        using var folder = new TemporaryFolder();
        var place = empty ? folder["recordings"] : Recording.Write(folder);
        if (empty) Directory.CreateDirectory(place);
        var path = file.Length == 0 ? place : Path.Combine(place, file);
        spoil(path);
        var error = Assert.Throws<FileFormatException>(() => whole ? EpisodeFolder.ReadAll(place) : (object)EpisodeFolder.Read(place));
        Assert.StartsWith($"{path}: ", error.Message);
        Assert.Contains(problem, error.Message);
        Assert.Equal(path, error.FileName);
    }
}
