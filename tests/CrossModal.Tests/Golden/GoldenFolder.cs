using System.Text.Json;

namespace CrossModal.Tests.Golden;

/// <summary>Where the golden cases lie: the folder CROSSMODAL_GOLDEN names, else <c>shared/golden</c> beside the repository (all cases),
/// else <c>fixtures/golden</c> inside it (a part of them).</summary>
internal static class GoldenFolder
{
    /// <summary>The folder in use.</summary>
    public static string Path { get; } = Find();

    /// <summary>The cases its INDEX.json lists.</summary>
    public static IReadOnlyList<string> Cases { get; } = ReadIndex(Path);

    /// <summary>The repository's root.</summary>
    public static string Repository => Above(AppContext.BaseDirectory, "CrossModal.slnx")
        ?? throw new InvalidOperationException("the tests do not run inside the repository");

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("CROSSMODAL_GOLDEN") is { Length: > 0 } given) return given;
        var beside = System.IO.Path.Combine("shared", "golden");
        return Above(Directory.GetParent(Repository)!.FullName, System.IO.Path.Combine(beside, "INDEX.json")) is { } folder
            ? System.IO.Path.Combine(folder, beside)
            : System.IO.Path.Combine(Repository, "fixtures", "golden");
    }

    private static List<string> ReadIndex(string folder)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(folder, "INDEX.json")));
        return [.. index.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("case").GetString()!)];
    }

    /// <summary>The nearest folder upwards that holds something of a name. A worktree may lie one level deeper than the repository.</summary>
    private static string? Above(string from, string name)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (System.IO.Path.Exists(System.IO.Path.Combine(folder.FullName, name))) return folder.FullName;
        return null;
    }
}
