using System.Text;
using System.Text.RegularExpressions;
using CrossModal.Engine.Formats;

namespace CrossModal.Reports;

/// <summary>
/// Fills a Markdown page with what was measured: rows of tables between <c>&lt;!-- measured:NAME --&gt;</c> and <c>&lt;!-- /measured
/// --&gt;</c>, and single values between <c>&lt;!-- value:NAME --&gt;</c> and <c>&lt;!-- /value --&gt;</c>.
/// </summary>
/// <remarks>The two lines of a table's head stay as the page has them, in the page's language; everything below is replaced. A table that
/// has no rows yet gets one of dashes.</remarks>
internal static partial class MarkedPage
{
    private const string TableStart = "<!-- measured:";
    private const string TableEnd = "<!-- /measured -->";
    private const string ValueEnd = "<!-- /value -->";
    private const int HeadLines = 2;

    /// <summary>The page with every table and value filled in.</summary>
    /// <param name="path">The page's file, for errors.</param>
    /// <param name="text">The page.</param>
    /// <param name="table">The rows of a table by its name, or null when there is none of that name.</param>
    /// <param name="value">A value by its name, or null when there is none; null in place of the function where others fill the
    /// values.</param>
    /// <param name="shared">Whether others fill tables of this page too: one of an unknown name stays as it is.</param>
    /// <exception cref="FileFormatException">A name is unknown, a mark is not closed, or a table has no head or another number of
    /// columns.</exception>
    public static string Fill(string path, string text, Func<string, IReadOnlyList<string[]>?> table, Func<string, string?>? value,
        bool shared = false)
    {
        var result = new List<string>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(TableStart, StringComparison.Ordinal))
            {
                result.Add(value is null ? lines[i] : FillValues(path, lines[i], i + 1, value));
                continue;
            }

            var name = lines[i][TableStart.Length..].Replace("-->", "", StringComparison.Ordinal).Trim();
            var end = Array.IndexOf(lines, TableEnd, i);
            if (end < 0) throw new FileFormatException(path, $"line {i + 1}: the table '{name}' is not closed");
            if (end - i <= HeadLines) throw new FileFormatException(path, $"line {i + 1}: the table '{name}' has no head");
            var rows = table(name);
            if (rows is null && shared)
            {
                result.AddRange(lines[i..(end + 1)]);
                i = end;
                continue;
            }

            if (rows is null) throw new FileFormatException(path, $"line {i + 1}: there is no table '{name}'");
            var columns = lines[i + HeadLines].Count(c => c == '|') - 1;
            result.AddRange(lines[i..(i + 1 + HeadLines)]);
            if (rows.Count == 0) rows = [[.. Enumerable.Repeat("–", columns)]];
            foreach (var row in rows)
            {
                if (row.Length != columns)
                    throw new FileFormatException(path,
                    $"line {i + 1}: the table '{name}' has {columns} columns on the page, {row.Length} in the results");
                result.Add($"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
            }

            result.Add(TableEnd);
            i = end;
        }

        return string.Join('\n', result);
    }

    /// <summary>The page without what is measured: what a person wrote.</summary>
    public static string Written(string text)
    {
        var lines = new List<string>();
        var inside = false;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            inside |= line.StartsWith(TableStart, StringComparison.Ordinal);
            if (!inside) lines.Add(Value().Replace(line, ""));
            inside &= line != TableEnd;
        }

        return string.Join('\n', lines);
    }

    private static string FillValues(string path, string line, int number, Func<string, string?> value)
    {
        var filled = new StringBuilder();
        var at = 0;
        foreach (Match start in Start().Matches(line))
        {
            if (start.Index < at) continue;
            var end = line.IndexOf(ValueEnd, start.Index, StringComparison.Ordinal);
            var name = start.Groups[1].Value;
            if (end < 0) throw new FileFormatException(path, $"line {number}: the value '{name}' is not closed");
            filled.Append(line, at, start.Index + start.Length - at)
                .Append(value(name) ?? throw new FileFormatException(path, $"line {number}: there is no value '{name}'")).Append(ValueEnd);
            at = end + ValueEnd.Length;
        }

        return filled.Append(line, at, line.Length - at).ToString();
    }

    [GeneratedRegex("<!-- value:(.+?) -->")]
    private static partial Regex Start();

    [GeneratedRegex("<!-- value:.+?<!-- /value -->")]
    private static partial Regex Value();
}
