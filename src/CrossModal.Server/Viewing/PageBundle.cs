using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CrossModal.Server.Viewing;

/// <summary>The page with its style and its modules inside, as one file.</summary>
/// <remarks>The modules import by name from files beside them and export declarations, one a line; nothing else is understood.</remarks>
internal static partial class PageBundle
{
    private const string Main = "main.js";
    private const string Link = "<link rel=\"stylesheet\" href=\"view.css\">";
    private const string Module = "<script type=\"module\" src=\"main.js\"></script>";

    /// <summary>The page.</summary>
    /// <param name="answers">What it would ask a server, compressed, as base64.</param>
    public static string Html(string answers)
    {
        var (style, script) = (Text("view.css"), Script());
        var policy = $"default-src 'none'; script-src 'sha256-{Hash(script)}'; style-src 'sha256-{Hash(style)}'; img-src blob: data:; " +
            "base-uri 'none'; form-action 'none'";
        return Text(PageAssets.Index)
            .Replace("<head>", $"<head>\n  <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">", StringComparison.Ordinal)
            .Replace(Link, $"<style>{style}</style>", StringComparison.Ordinal)
            .Replace(Module, $"<script type=\"application/octet-stream\" id=\"answers\">{answers}</script>\n  <script>{script}</script>",
                StringComparison.Ordinal);
    }

    /// <summary>All modules as one script: those that are imported first, each in a function of its own.</summary>
    public static string Script()
    {
        var text = new StringBuilder("'use strict';\nconst modules = {};\n");
        Add(Main, [], text);
        return text.ToString();
    }

    private static void Add(string name, HashSet<string> added, StringBuilder text)
    {
        if (!added.Add(name)) return;
        var source = Text(name);
        foreach (Match import in Import().Matches(source)) Add(import.Groups[2].Value, added, text);
        var exported = Export().Matches(source).Select(m => m.Groups[2].Value).ToList();
        var body = Export().Replace(Import().Replace(source, "const { $1 } = modules['$2'];"), "$1$2");
        text.Append($"modules['{name}'] = (() => {{\n{body}\nreturn {{ {string.Join(", ", exported)} }};\n}})();\n");
    }

    private static string Text(string name) => Encoding.UTF8.GetString(PageAssets.Find(name)
        ?? throw new InvalidOperationException($"the viewer has no file '{name}'"));

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex(@"^import \{ ([^}]+) \} from '\./([\w.-]+)';$", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^export ((?:async )?(?:function|const|class) )(\w+)", RegexOptions.Multiline)]
    private static partial Regex Export();
}
