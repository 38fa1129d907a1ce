using System.Text.RegularExpressions;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Architecture;

/// <summary>Dependencies point one way: read from the using directives and qualified names of the sources.</summary>
public sealed partial class ImportRuleTests
{
    private const int LongestFile = 400;

    /// <summary>Rooms of the engine, from the lowest: a room may use those before it. Formats stands apart: it knows tensors, and none knows it.</summary>
    private static readonly string[] Engine = ["Kernels", "Tensors", "Recording", "Ops"];

    /// <summary>Rooms of the library, from the lowest.</summary>
    private static readonly string[] Library = ["Layers", "Attention", "Fusion", "Models"];

    /// <summary>Rooms that see layers and records, not models.</summary>
    private static readonly string[] Readers = ["Training", "Explain", "Inference"];

    /// <summary>Rooms whose sub-folders are drawers: they sort the files and share the room's namespace, so that a file may change its drawer and no using directive does.</summary>
    private static readonly string[] WithDrawers = ["CrossModal.Engine.Kernels", "CrossModal.Engine.Ops", "CrossModal.Fusion"];

    [Fact]
    public void Inside_the_engine_a_room_uses_those_below_it()
    {
        for (var i = 0; i < Engine.Length; i++)
            Assert.Empty(Uses($"CrossModal.Engine/{Engine[i]}", [.. Engine[(i + 1)..].Append("Formats").Select(r => $"CrossModal.Engine.{r}")]));
        Assert.Empty(Uses("CrossModal.Engine/Formats", [.. Engine.Where(r => r != "Tensors").Select(r => $"CrossModal.Engine.{r}")]));
    }

    [Fact]
    public void Inside_the_library_a_room_uses_those_below_it()
    {
        for (var i = 0; i < Library.Length; i++)
            Assert.Empty(Uses($"CrossModal/{Library[i]}", [.. Library[(i + 1)..].Select(r => $"CrossModal.{r}")]));
        foreach (var reader in Readers) Assert.Empty(Uses($"CrossModal/{reader}", ["CrossModal.Models"]));

        // Published checkpoints stand above all models: no other room knows them.
        foreach (var room in Library.Concat(Readers).Concat(["Language", "Imaging", "Data", "Imitation"])) Assert.Empty(Uses($"CrossModal/{room}", ["CrossModal.Checkpoints"]));

        // A policy is no published model, and is trained by rooms it does not know.
        Assert.Empty(Uses("CrossModal/Policies", ["CrossModal.Models", "CrossModal.Checkpoints", "CrossModal.Pretraining", "CrossModal.Imitation"]));
        Assert.Empty(Uses("CrossModal/Pretraining", ["CrossModal.Models", "CrossModal.Checkpoints", "CrossModal.Imitation"]));

        // Policies are put together of strategies, explanation and inference: none of those knows them, nor what trains them.
        foreach (var room in Library.Concat(Readers).Concat(["Language", "Imaging", "Data", "Checkpoints"]))
            Assert.Empty(Uses($"CrossModal/{room}", ["CrossModal.Policies", "CrossModal.Pretraining", "CrossModal.Imitation"]));

        // Texts are numbered before any strategy or model sees them.
        Assert.Empty(Uses("CrossModal/Language", [.. Library.Where(r => r is not ("Layers" or "Attention")).Concat(Readers).Concat(["Data", "Imaging"]).Select(r => $"CrossModal.{r}")]));

        // Pictures are files: they share the checksum and the safe writing, and the kernels that resize bytes, and nothing else.
        Assert.Empty(Uses("CrossModal/Imaging",
            [.. Engine.Where(r => r != "Kernels").Select(r => $"CrossModal.Engine.{r}"), .. Library.Concat(Readers).Append("Data").Select(r => $"CrossModal.{r}")]));
    }

    [Fact]
    public void The_engine_and_the_library_use_nothing_above_them()
    {
        string[] above = ["CrossModal.Onnx", "CrossModal.Tabletop", "CrossModal.Cli"];
        Assert.Empty(Uses("CrossModal.Engine", [.. above, .. Library.Concat(Readers).Append("Imaging").Append("Data").Select(r => $"CrossModal.{r}")]));
        Assert.Empty(Uses("CrossModal", above));
        Assert.Empty(Uses("CrossModal.Onnx", ["CrossModal.Tabletop", "CrossModal.Cli"]));
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
    public void No_source_file_is_longer_than_400_lines()
    {
        var sources = Sources("").ToList();
        Assert.True(sources.Count > 100, "the sources were not found");
        Assert.All(sources, f => Assert.True(File.ReadLines(f).Count() <= LongestFile, $"{f} is longer"));
    }

    [Fact]
    public void Every_namespace_is_that_of_its_folder()
    {
        Assert.All(Sources(""), file =>
        {
            var declared = Namespace().Match(File.ReadAllText(file));
            var folder = Path.GetRelativePath(Path.Combine(ReferenceFolders.Repository, "src"), Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');

            // A file without a namespace is a program.
            if (declared.Success) Assert.Equal(WithDrawers.FirstOrDefault(room => folder.StartsWith(room + ".", StringComparison.Ordinal)) ?? folder, declared.Groups[1].Value);
        });
    }

    /// <summary>The files of a room that name something of a forbidden namespace, outside comments.</summary>
    private static IEnumerable<string> Uses(string room, string[] forbidden) =>
        from file in Sources(room)
        from line in File.ReadLines(file)
        where !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal)
        from name in forbidden
        where Regex.IsMatch(line, $@"\b{Regex.Escape(name)}\b")
        select $"{Path.GetFileName(file)}: {line.Trim()}";

    private static IEnumerable<string> Sources(string room)
    {
        var folder = Path.Combine(ReferenceFolders.Repository, "src", room);
        if (!Directory.Exists(folder)) return [];
        var separator = Path.DirectorySeparatorChar;
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{separator}obj{separator}", StringComparison.Ordinal) && !f.Contains($"{separator}bin{separator}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
