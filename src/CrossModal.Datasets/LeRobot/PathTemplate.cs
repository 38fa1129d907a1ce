using System.Globalization;
using System.Text.RegularExpressions;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>A path with names in braces, as <c>info.json</c> gives it:
/// <c>data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet</c>.</summary>
internal sealed partial class PathTemplate
{
    private readonly string _file;
    private readonly string _template;

    /// <summary>Reads a template.</summary>
    /// <param name="template">The text.</param>
    /// <param name="file">The file that gives it, for errors.</param>
    /// <exception cref="FileFormatException">It cannot be read, or leads out of the data set.</exception>
    public PathTemplate(string template, string file)
    {
        (_template, _file) = (template, file);
        if (template.Length == 0 || template.StartsWith('/') || template.Contains('\\') || template.Contains('\0')
            || template.Split('/').Contains("..") || Place().Replace(template, _ => "").AsSpan().ContainsAny('{', '}'))
            throw new FileFormatException(file, $"gives a path that cannot be used: {FileFormatException.Quote(template)}");
    }

    /// <summary>The path for some values.</summary>
    /// <exception cref="FileFormatException">The template names another value.</exception>
    public string Fill(params IReadOnlyList<(string Name, object Value)> values) => Place().Replace(_template, match =>
    {
        var name = match.Groups["name"].Value;
        foreach (var (given, value) in values)
            if (given == name) return value is long number ? number.ToString(CultureInfo.InvariantCulture).PadLeft(Width(match), '0')
                : value.ToString()!;
        throw new FileFormatException(_file, $"gives the path {FileFormatException.Quote(_template)}, whose {{{name}}} is not known");
    });

    /// <summary>Whether a path, with '/' between folders, is one of the template's.</summary>
    public bool IsMatch(string path)
    {
        var (reached, at) = (new bool[path.Length + 1], 0);
        reached[0] = true;
        foreach (Match match in Place().Matches(_template))
        {
            reached = Filled(path, After(path, reached, _template[at..match.Index]), match.Groups["width"].Success);
            at = match.Index + match.Length;
        }

        return After(path, reached, _template[at..])[^1];
    }

    /// <summary>The ends of a text in the path, where it begins at one of the places reached.</summary>
    private static bool[] After(string path, bool[] reached, string text)
    {
        var next = new bool[reached.Length];
        for (var p = 0; p + text.Length <= path.Length; p++)
            next[p + text.Length] = reached[p] && string.CompareOrdinal(path, p, text, 0, text.Length) == 0;
        return next;
    }

    /// <summary>The ends of a value of at least one character.</summary>
    private static bool[] Filled(string path, bool[] reached, bool digits)
    {
        var next = new bool[reached.Length];
        for (var p = 0; p < path.Length; p++)
            next[p + 1] = (reached[p] || next[p]) && (digits ? char.IsAsciiDigit(path[p]) : path[p] != '\n');
        return next;
    }

    private static int Width(Match match) => match.Groups["width"].Success
        ? Math.Min(18, int.Parse(match.Groups["width"].Value, CultureInfo.InvariantCulture)) : 0;

    [GeneratedRegex(@"\{(?<name>\w+)(:0?(?<width>[0-9]{1,2})d)?\}")]
    private static partial Regex Place();
}
