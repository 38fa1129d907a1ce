using System.Text.Json;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Language;

/// <summary>The small tokenizers in <c>fixtures/tokenizers</c> and what their public implementation made of texts.</summary>
internal static class Fixture
{
    public static string Folder(string name) => Path.Combine(ReferenceFolders.Fixtures, "tokenizers", name);

    public static byte[] Bytes(string name, string file) => File.ReadAllBytes(Path.Combine(Folder(name), file));

    public static IReadOnlyList<(string Text, int[] Ids)> Expected(string name, string file = "expected.json")
    {
        using var json = JsonDocument.Parse(Bytes(name, file));
        return [.. json.RootElement.EnumerateArray()
            .Select(c => (c.GetProperty("text").GetString()!, c.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()).ToArray()))];
    }
}
