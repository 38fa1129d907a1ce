using System.Reflection;

namespace CrossModal.Server.Viewing;

/// <summary>The files of the page, which lie in the assembly.</summary>
internal static class PageAssets
{
    /// <summary>The page itself.</summary>
    public const string Index = "index.html";

    private const string Prefix = "view/";

    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> Files = new(Read);

    /// <summary>Names of the files.</summary>
    public static IEnumerable<string> Names => Files.Value.Keys;

    /// <summary>A file; null when there is none of that name.</summary>
    public static byte[]? Find(string name) => Files.Value.GetValueOrDefault(name);

    /// <summary>What a file is, as HTTP names it.</summary>
    public static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };

    private static Dictionary<string, byte[]> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(n => n[Prefix.Length..], n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return bytes;
            }, StringComparer.Ordinal);
    }
}
