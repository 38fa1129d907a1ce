using System.Text.Json;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Golden;

/// <summary>The golden cases of the folder in use, <see cref="ReferenceFolders.Golden"/>.</summary>
internal static class GoldenFolder
{
    /// <summary>The folder in use.</summary>
    public static string Path => ReferenceFolders.Golden;

    /// <summary>The cases its INDEX.json lists.</summary>
    public static IReadOnlyList<string> Cases { get; } = ReadIndex(Path);

    /// <summary>The cases that a folder's INDEX.json lists.</summary>
    public static List<string> ReadIndex(string folder)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(folder, "INDEX.json")));
        return [.. index.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("case").GetString()!)];
    }
}
