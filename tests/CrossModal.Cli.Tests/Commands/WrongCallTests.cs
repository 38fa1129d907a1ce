using System.CommandLine;
using System.Text.RegularExpressions;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Wrong calls drawn from all commands and options: each is refused in one line, in the words of whoever made it.</summary>
public sealed class WrongCallTests : IDisposable
{
    private const int Calls = 500;

    /// <summary>What only .NET, or our own code among itself, would say.</summary>
    private static readonly Regex Foreign = new(
        @"\(Parameter|System\.|Exception|Could not find|Access to the path|The process cannot|LineNumber|BytePosition|Path: \$|cannot be null|Object reference|correct format|Specified argument|Index was"
        + @"|internal error|\bCrossModal\.|Required (argument|command)|Cannot parse argument|Unrecognized command|type '|\b[A-Z][a-z]+[A-Z]\w*: |`");

    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(14);
    private readonly Dictionary<string, string[]> _right;
    private readonly string[] _wrongFiles;

    public WrongCallTests()
    {
        var tokenizer = new WordTokenizer(["cup"]);
        var options = new PolicyOptions("cross-attention", new FusionOptions(8, 2), tokenizer.Count, 2);
        PolicyFolder.Save(_folder["policy"], new TrainedPolicy(new LanguagePolicy(options, new RandomSource(4)), tokenizer,
            Normalization.Identity(2), null, "recordings"));
        ComparisonFile.WriteProtocol(_folder["tiny.json"], new ComparisonProtocol
        {
            Name = "tiny",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 1, Scenes = 2, Instructions = 2 },
            Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 0 },
        });
        Npy.Write(_folder["l.npy"], StoredArray.From([.. Enumerable.Range(0, 24).Select(i => (float)i)], 3, 8));
        Npy.Write(_folder["v.npy"], StoredArray.From([.. Enumerable.Range(0, 128).Select(i => (float)i)], 16, 8));
        Png.Write(_folder["photo.png"], new RgbImage(20, 12));
        string[] small = ["--dim", "8", "--heads", "2", "--layers", "1", "--steps", "1"];
        _right = new()
        {
            ["demo"] = ["--steps", "1", "--episodes", "1"],
            ["pretrain"] = [.. small, "--batch", "4", "--scenes", "25"],
            ["train"] = [.. small, "--episodes", "1"],
            ["evaluate"] = ["--checkpoint", _folder["policy"]],
            ["compare"] = ["--protocol", _folder["tiny.json"], "--only", "concat-pooled"],
            ["run"] = ["--checkpoint", _folder["policy"], "--camera-size", "8x8", "--frames", "2", "--instruction", "cup"],
            ["attend"] = ["--checkpoint", _folder["policy"], "--image", _folder["photo.png"], "--instruction", "cup"],
            ["fuse"] = ["--language", _folder["l.npy"], "--vision", _folder["v.npy"]],
            ["report"] = ["--results", _folder["none.json"]],
            ["export"] = ["--checkpoint", _folder["policy"]],
            ["data"] = ["convert", _folder["data"], "--to", "folders"],
            ["faithfulness"] = ["--checkpoint", _folder["policy"], "--scenes", "2"],
            ["serve"] = [_folder["policy"], "--port", "0", "--check"],
            ["view"] = [_folder["data"], "--checkpoint", _folder["policy"], "--port", "0", "--check"],
            ["doctor"] = ["--checkpoint", _folder["policy"], "--scenes", "2"],
            ["assert"] = [_folder["words.txt"], "--checkpoint", _folder["policy"], "--scenes", "2"],
            ["monitor"] = ["fit", "--checkpoint", _folder["policy"], "--episodes", "2"],
        };
        Directory.CreateDirectory(_folder["data/episode_000"]);
        Png.Write(_folder["data/episode_000/000.png"], new RgbImage(4, 4));
        Npy.Write(_folder["data/episode_000/actions.npy"], StoredArray.From([1f, 2], 1, 2));
        File.WriteAllText(_folder["data/episode_000/episode.json"], "{\"instruction\": \"go\"}");
        Directory.CreateDirectory(_folder["folder"]);
        File.WriteAllText(_folder["empty"], "");
        File.WriteAllText(_folder["words.txt"], "red attends to named lift 5 p 0.01\n");
        foreach (var ending in (string[])[".json", ".npy", ".npz", ".safetensors", ".png", ".jpg"])
        {
            File.WriteAllText(_folder[$"text{ending}"], "{\"schema\": [1, 2");
            File.WriteAllBytes(_folder[$"noise{ending}"], [.. Enumerable.Range(0, 200).Select(_ => (byte)_random.Next(256))]);
            File.Copy(_folder["photo.png"], _folder[$"picture{ending}"]);
        }

        File.WriteAllText(_folder["list.json"], "[]");
        File.WriteAllText(_folder["object.json"], "{\"schema\": \"crossmodal-protocol/1\", \"name\": 7}");
        Directory.CreateDirectory(_folder["broken"]);
        File.WriteAllText(_folder["broken/policy.json"], "{\"format\": \"crossmodal-policy/1\", \"source\": 3}");
        File.WriteAllText(_folder["broken/config.json"], "{\"model_type\": \"clip\", \"text_config\": \"x\"}");
        Directory.CreateDirectory(_folder["recordings/episode_000"]);
        File.WriteAllText(_folder["recordings/episode_000/actions.npy"], "no array");
        _wrongFiles =
        [
            .. Directory.GetFiles(_folder.Path).Where(f => Path.GetFileName(f) is var name
                && (name.StartsWith("text", StringComparison.Ordinal) || name.StartsWith("noise", StringComparison.Ordinal))),
            _folder["none"], _folder["none/x.npy"], _folder["folder"], _folder["empty"], _folder["empty/x"], _folder["list.json"],
                _folder["object.json"], _folder["broken"], _folder["recordings"], _folder[new string('n', 300)], "",
        ];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Five_hundred_wrong_calls_are_each_refused_in_a_line_of_the_users_own_words()
    {
        var commands = AllCommands.List();
        Assert.Equal(_right.Keys.Order(), commands.Select(c => c.Name).Order());
        var faults = new List<string>();
        for (var i = 0; i < Calls; i++)
        {
            var call = Wrong(commands[i % commands.Count]);
            var run = ToolRun.Of(call);
            var said = run.Error.Replace(_folder.Path, "", StringComparison.Ordinal);
            if (run.ExitCode != 2 || run.Error.TrimEnd('\n', '\r').Contains('\n')
                || !run.Error.StartsWith("crossmodal: ", StringComparison.Ordinal) || Foreign.IsMatch(said))
                faults.Add($"{string.Join(' ', call)} -> {run.ExitCode} {run.Error}");
            if (Directory.Exists(_folder["out"])) faults.Add($"{string.Join(' ', call)} left its folder");
        }

        Assert.True(faults.Count == 0, $"{faults.Count}:\n" + string.Join("\n", faults.Take(25)));
    }

    /// <summary>A call that would be right but for one thing.</summary>
    private string[] Wrong(ToolCommand command)
    {
        string[] right = [command.Name, .. _right[command.Name],
            .. command.Options.Any(o => o.Name == "--out") ? ["--out", _folder[command.Name is "fuse" ? "out/o.npz" : "out"]]
            : (string[])[]];
        var option = Pick([.. command.Options.Where(o => o.Name is not ("--help" or "--version"))]);
        return _random.Next(8) switch
        {
            0 => [Misspelt(command.Name), .. right[1..]],
            1 => [.. right, Misspelt(option.Name), "1"],
            2 => [.. right, "stray"],
            3 when option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues == 1 =>
                [.. right, option.Name, "1", option.Name, "2"],
            4 when option.ValueType != typeof(bool) => [.. Without(right, option.Name), option.Name],
            _ => [.. Without(right, option.Name), .. option.ValueType == typeof(bool) ? [$"{option.Name}={Pick("maybe", "2", "")}x"]
                : (string[])[option.Name, Value(option)]],
        };
    }

    private string Value(Option option)
    {
        if (option.ValueType == typeof(int))
            return Pick("many", "", "-1", "99999999999999999999", "1.5", "NaN", "0x10", "1e3", "１", " ", "2147483648");
        if (option.ValueType == typeof(double)) return Pick("many", "", "-1", "NaN", "1e999", "-∞", "1,5x");
        if (option.ValueType == typeof(ulong)) return Pick("many", "", "-1", "1.5", "18446744073709551616");
        return option.Name switch
        {
            "--out" or "--json" or "--save-checkpoint" or "--images" =>
                Pick("", _folder["empty/x/y"], _folder[new string('n', 300) + "/x"], "a\0b"),
            "--instruction" or "--against" => Pick("", "\0"),
            "--layer" => Pick("", "sharp", "layers.0"),
            "--head" => Pick("", "-1", "1.5", "99", "men"),
            "--grid" => Pick("", "4by4", "0x0", "axb", "99999999999x2", "4x", "4x4x4"),
            "--proprioception" or "--state" => Pick("", "a,b", "1,2,3,4,5,6,7,8", "1,,2", "NaN", _folder["none.npy"], _folder["text.npy"]),
            "--attention-variant" => Pick("", ":", "topk:0", "topk:x", "linear:3", "topk:1:2", "tokp", "topk:99999999999"),
            "--visual-tokens" => Pick("", ":", "pool", "pool:0", "pool:7", "pool:", "pol:16", "merge:-1", "merge:99999999999"),
            _ when option.HelpName is "file" or "folder" => Pick(_wrongFiles),
            _ => Pick("", "no-such-name", "a\0b", "pikc", "co-atention", "Z9", "--", "crossmodal", "日本"),
        };
    }

    private string Misspelt(string name)
    {
        var at = 2 + _random.Next(name.Length - 2);
        return name[..at] + Pick("q", "zz", "-") + name[at..];
    }

    private static IEnumerable<string> Without(string[] call, string option)
    {
        var at = Array.IndexOf(call, option);
        if (at < 0) return call;
        var next = Array.FindIndex(call, at + 1, a => a.StartsWith("--", StringComparison.Ordinal));
        return [.. call[..at], .. next < 0 ? [] : call[next..]];
    }

    private T Pick<T>(params T[] from) => from[_random.Next(from.Length)];
}
