namespace CrossModal.Cli.Hosting;

/// <summary>Names that can be chosen from, and what to say about one that is none of them.</summary>
internal static class Choice
{
    private const int ShortestBeginning = 3;

    /// <summary>What to say: the nearest name, or else all of them.</summary>
    /// <param name="given">The name.</param>
    /// <param name="known">The names there are.</param>
    public static string Unknown(string given, IReadOnlyCollection<string> known) =>
        $"there is no '{given}'; {(Nearest(given, known) is { } nearest ? $"did you mean {nearest}?" : $"there is: {string.Join(", ", known)}")}";

    /// <summary>The name that was probably meant: at most a third of its letters wrong, or begun and not finished; null when none is
    /// near.</summary>
    public static string? Nearest(string given, IEnumerable<string> known)
    {
        var text = given.ToLowerInvariant();
        var best = known.Select(name => (Name: name, Distance: Distance(text, name.ToLowerInvariant()))).OrderBy(n => n.Distance)
            .FirstOrDefault();
        if (best.Name is not null && best.Distance <= Math.Max(1, Math.Min(text.Length, best.Name.Length) / 3)) return best.Name;
        return text.Length < ShortestBeginning ? null
            : known.Where(name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase)).MinBy(name => name.Length);
    }

    /// <summary>The fewest letters to change, add, drop or swap with the next (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }

        return d[a.Length, b.Length];
    }
}
