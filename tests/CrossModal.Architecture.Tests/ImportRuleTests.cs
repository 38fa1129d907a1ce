using System.Text.RegularExpressions;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Architecture.Tests;

/// <summary>Dependencies point one way: read from the metadata of the built assemblies of src, tools and benchmarks.</summary>
public sealed partial class ImportRuleTests
{
    private const int LongestFile = 300;
    private const int LongestLine = 140;
    private const int LongestMethod = 60;
    private const int LongText = 100;
    private const string DiagramStart = "<!-- rooms -->\n";
    private const string DiagramEnd = "\n<!-- /rooms -->";

    /// <summary>Rooms of the engine, from the lowest: a room may use those before it. Formats stands apart: it knows tensors, and none
    /// knows it.</summary>
    private static readonly string[] Engine = ["Kernels", "Tensors", "Recording", "Ops"];

    /// <summary>Rooms of the library, from the lowest.</summary>
    private static readonly string[] Library = ["Layers", "Attention", "Fusion", "Models"];

    /// <summary>Rooms that use layers and records, not models.</summary>
    private static readonly string[] Readers = ["Training", "Explain", "Inference"];

    /// <summary>Rooms put together of all others: published checkpoints, policies, and what trains policies.</summary>
    private static readonly string[] Top = ["Checkpoints", "Encoders", "Policies", "Pretraining", "Imitation"];

    /// <summary>What a room must not use, within its project or below it; that no project uses one above it, its project file
    /// says.</summary>
    private static readonly (string Room, string[] Barred)[] Rules =
    [
        .. Engine.Index().Select(room => ($"Engine.{room.Item}", (string[])[.. Engine[(room.Index + 1)..].Append("Formats")
            .Select(r => $"Engine.{r}")])),
        ("Engine.Formats", ["Engine.Kernels", "Engine.Recording", "Engine.Ops"]),
        .. Library.Index().Select(room => (room.Item, (string[])[.. Library[(room.Index + 1)..], .. Top])),
        .. Readers.Select(reader => (reader, (string[])["Models", .. Top])),

        // A policy is no published model, and is trained by rooms that it does not know.
        ("Policies", ["Models", "Checkpoints", "Pretraining", "Imitation"]),
        ("Pretraining", ["Models", "Checkpoints", "Imitation"]),
        ("Imitation", ["Models", "Checkpoints"]),
        ("Checkpoints", ["Encoders", "Policies", "Pretraining", "Imitation"]),
        ("Encoders", ["Fusion", "Inference", "Policies", "Pretraining", "Imitation"]),

        // Texts are numbered before any strategy or model is given them.
        ("Language", ["Fusion", "Models", .. Readers, .. Top, "Data", "Imaging"]),

        // Pictures are files: they share the checksum, the safe writing and the kernels that resize bytes, and nothing else.
        ("Imaging", ["Engine.Tensors", "Engine.Recording", "Engine.Ops", .. Library, .. Readers, .. Top, "Data", "Language"]),
        ("Data", [.. Library, .. Readers, .. Top, "Language"]),

        // Reports are words, numbers and pictures: they know no policy.
        ("Reports", [.. Library, .. Readers, .. Top, "Data", "Language"]),
        ("Experiments.Statistics", ["Experiments.Cells", "Experiments.Plans", "Experiments.Analysis"]),
        ("Experiments.Cells", ["Experiments.Plans", "Experiments.Analysis", "Experiments.Statistics"]),
        ("Experiments.Plans", ["Experiments.Analysis", "Experiments.Statistics"]),
        ("Cli.Hosting", ["Cli.Commands", "Cli.Comparisons", "Cli.Progress", "Cli.Runs"]),
        ("Cli.Runs", ["Cli.Commands", "Cli.Comparisons"]),
        ("Cli.Comparisons", ["Cli.Commands", "Cli.Runs"]),
    ];

    /// <summary>Rooms whose sub-folders sort their files and share the room's namespace, so that a file may change its folder and no using
    /// directive does.</summary>
    private static readonly string[] WithFolders =
        ["CrossModal.Engine.Kernels", "CrossModal.Engine.Ops", "CrossModal.Fusion", "CrossModal.Inference", "CrossModal.Reports",
        "CrossModal.Datasets", "CrossModal.Onnx"];

    public static TheoryData<string> Assemblies => [.. RoomGraph.Projects.Select(p => p.Assembly)];

    [Fact]
    public void Every_project_of_src_tools_and_benchmarks_is_covered() => Assert.Equal(
        Projects().Order(StringComparer.Ordinal), RoomGraph.Projects.Select(p => p.Folder).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_room_uses_one_that_uses_it(string assembly) => Assert.Empty(RoomGraph.Cycle(RoomGraph.Of(assembly)));

    [Fact]
    public void A_cycle_is_found()
    {
        var uses = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b"], ["b"] = ["c", "e"], ["c"] = ["d"], ["d"] = ["b"] };
        Assert.Equal(["b", "c", "d"], RoomGraph.Cycle(uses));
        uses["d"] = ["e"];
        Assert.Empty(RoomGraph.Cycle(uses));
    }

    [Fact]
    public void A_room_uses_none_that_it_must_not()
    {
        var uses = RoomGraph.Projects.SelectMany(p => RoomGraph.Of(p.Assembly)).ToDictionary(u => u.Key, u => u.Value);
        foreach (var (room, barred) in Rules)
        {
            Assert.True(uses.ContainsKey($"CrossModal.{room}") || uses.Values.Any(u => u.Contains($"CrossModal.{room}")),
                $"there is no room {room}");
            Assert.Equal([], uses.GetValueOrDefault($"CrossModal.{room}", []).Intersect(barred.Select(b => $"CrossModal.{b}"))
                .Select(used => $"{room} uses {used}"));
        }
    }

    [Fact]
    public void The_metadata_shows_what_signatures_and_bodies_name()
    {
        // RoomGraph's own test: a call inside a body, a generic argument, and a type of a signature.
        var library = RoomGraph.Of("CrossModal");
        Assert.Contains("CrossModal.Engine.Kernels", library["CrossModal.Imaging"]);
        Assert.Contains("CrossModal.Attention", library["CrossModal.Fusion"]);
        Assert.DoesNotContain("CrossModal.Policies", library["CrossModal.Fusion"]);
    }

    [Fact]
    public void The_diagram_of_the_architecture_is_what_the_assemblies_say()
    {
        var path = Path.Combine(ReferenceFolders.Repository, "ARCHITECTURE.md");
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (start, end) = (page.IndexOf(DiagramStart, StringComparison.Ordinal) + DiagramStart.Length,
            page.IndexOf(DiagramEnd, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("CROSSMODAL_WRITE_DIAGRAM") == "1")
            File.WriteAllText(path, page = page[..start] + RoomGraph.Mermaid() + page[end..]);
        end = page.IndexOf(DiagramEnd, StringComparison.Ordinal);
        Assert.Equal(RoomGraph.Mermaid(), page[start..end]);
    }

    [Fact]
    public void The_engine_references_the_base_libraries_and_System_Numerics_Tensors_only()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var others = typeof(Tensor).Assembly.GetReferencedAssemblies().Select(a => a.Name!)
            .Where(name => !File.Exists(Path.Combine(runtime, name + ".dll")));
        Assert.Equal(["System.Numerics.Tensors"], others);
    }

    [Fact]
    public void No_source_file_is_longer_than_300_lines()
    {
        var sources = RoomGraph.Projects.SelectMany(p => Sources(p.Folder)).ToList();
        Assert.True(sources.Count > 100, "the sources were not found");
        Assert.All(sources, f => Assert.True(File.ReadLines(f).Count() <= LongestFile, $"{f} is longer"));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_method_is_longer_than_60_lines_but_register_tiles(string assembly)
    {
        var methods = MethodLengths.Of(RoomGraph.PathOf(assembly)).ToList();
        Assert.NotEmpty(methods);
        Assert.Equal([], methods.Where(m => m.Lines > LongestMethod && !m.IsTile).Select(m => $"{m.Name}: {m.Lines} lines"));
    }

    [Fact]
    public void The_symbols_show_how_long_methods_are_and_which_are_register_tiles()
    {
        var kernels = MethodLengths.Of(RoomGraph.PathOf("CrossModal.Engine")).ToList();
        Assert.Contains(kernels, m => m is
        {
            Name: "CrossModal.Engine.Kernels.MatrixTile.ComputeWide", Lines: > LongestMethod,
            IsTile: true
        });
        Assert.DoesNotContain(kernels, m => m.IsTile && !m.Name.StartsWith("CrossModal.Engine.Kernels.", StringComparison.Ordinal));
    }

    [Fact]
    public void No_line_is_longer_than_140_characters_unless_its_one_text_is_longer_than_100()
    {
        // The guide quotes samples, so that they are not wrapped.
        var longer = new List<string>();
        foreach (var file in RoomGraph.Projects.SelectMany(p => Sources(p.Folder)))
        {
            var raw = false;
            foreach (var (number, line) in File.ReadLines(file).Index())
            {
                var delimiters = line.Split("\"\"\"").Length - 1;
                if (!raw && delimiters == 0 && line.Length > LongestLine && !IsOneLongText(line))
                    longer.Add($"{file}:{number + 1} has {line.Length} characters");
                raw ^= delimiters % 2 == 1;
            }
        }

        Assert.True(longer.Count == 0, string.Join('\n', longer));
    }

    [Fact]
    public void Every_namespace_is_that_of_its_folder()
    {
        foreach (var (folder, assembly) in RoomGraph.Projects)
            Assert.All(Sources(folder), file =>
            {
                var declared = Namespace().Match(File.ReadAllText(file));
                var below = Path.GetRelativePath(Path.Combine(ReferenceFolders.Repository, folder), Path.GetDirectoryName(file)!)
                    .Replace(Path.DirectorySeparatorChar, '.');
                var expected = below == "." ? assembly : $"{assembly}.{below}";

                // A file without a namespace is a program.
                if (declared.Success)
                    Assert.Equal(WithFolders.FirstOrDefault(room => expected.StartsWith(room + ".", StringComparison.Ordinal)) ?? expected,
                    declared.Groups[1].Value);
            });
    }

    private static IEnumerable<string> Projects() => ((string[])["src", "tools", "benchmarks"])
        .SelectMany(root => Directory.EnumerateFiles(Path.Combine(ReferenceFolders.Repository, root), "*.csproj",
            SearchOption.AllDirectories))
        .Where(f => !IsBuilt(f)).Select(f => Path.GetRelativePath(ReferenceFolders.Repository, Path.GetDirectoryName(f)!)
            .Replace(Path.DirectorySeparatorChar, '/'));

    internal static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(ReferenceFolders.Repository, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !IsBuilt(f));

    private static bool IsOneLongText(string line) => TextLiteral().Matches(line) is [{ Length: > LongText + 2 }];

    private static bool IsBuilt(string file) => file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin");

    // Escaped quotes, and what stands in the holes of an interpolated text, texts included, belong to it.
    [GeneratedRegex(@"@?\$?@?""(?:\\.|\{(?:[^{}""]|""(?:\\.|[^""\\])*""|\{[^{}]*\})*\}|[^""\\{])*""")]
    private static partial Regex TextLiteral();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
