namespace CrossModal.Benchmarks.Reporting;

/// <summary>Fills tables of a Markdown page: rows between <c>&lt;!-- measured:NAME --&gt;</c> and <c>&lt;!-- /measured --&gt;</c>.</summary>
/// <remarks>The two lines of a table's head stay as the page has them, in the page's language; everything below is replaced.</remarks>
internal static class MeasuredTables
{
    private const string Start = "<!-- measured:";
    private const string End = "<!-- /measured -->";
    private const int HeadLines = 2;

    /// <summary>The page with the rows of every table whose name is known; other tables stay as they are.</summary>
    /// <param name="page">The page's text.</param>
    /// <param name="rows">Cells of every row, by the table's name.</param>
    /// <exception cref="UsageException">A block is not closed, has no head, or has another number of columns.</exception>
    public static string Fill(string page, IReadOnlyDictionary<string, IReadOnlyList<string[]>> rows)
    {
        var result = new List<string>();
        var lines = page.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            result.Add(lines[i]);
            if (!lines[i].StartsWith(Start, StringComparison.Ordinal)) continue;
            var name = lines[i][Start.Length..].Replace("-->", "", StringComparison.Ordinal).Trim();
            var end = Array.IndexOf(lines, End, i);
            if (end < 0) throw new UsageException($"table '{name}' has no end");
            if (rows.TryGetValue(name, out var cells))
            {
                if (end - i <= HeadLines) throw new UsageException($"table '{name}' has no head");
                var columns = lines[i + HeadLines].Count(c => c == '|') - 1;
                result.AddRange(lines[(i + 1)..(i + 1 + HeadLines)]);
                foreach (var row in cells)
                {
                    if (row.Length != columns) throw new UsageException($"table '{name}' has {columns} columns, its rows {row.Length}");
                    result.Add($"| {string.Join(" | ", row)} |");
                }

                result.Add(End);
                i = end;
            }
        }

        return string.Join('\n', result);
    }
}
