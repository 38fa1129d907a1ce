using System.Text;

namespace CrossModal.Reports;

/// <summary>How many columns text takes: Chinese characters take two.</summary>
internal static class DisplayWidth
{
    // East Asian Width W and F of Unicode (UAX 11), in whole blocks.
    private static readonly (int First, int Last)[] Wide =
        [(0x1100, 0x115F), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6),
            (0x20000, 0x3FFFD)];

    /// <summary>The columns of a character.</summary>
    public static int Of(Rune rune) => Wide.Any(range => rune.Value >= range.First && rune.Value <= range.Last) ? 2 : 1;

    /// <summary>The columns of a text.</summary>
    public static int Of(string text) => text.EnumerateRunes().Sum(Of);

    /// <summary>The text with spaces after it up to a width.</summary>
    public static string Pad(string text, int width) => text + new string(' ', Math.Max(0, width - Of(text)));

    /// <summary>As much of the text's beginning as a width holds, with spaces after it up to that width.</summary>
    public static string Fit(string text, int width)
    {
        var (kept, columns) = (new StringBuilder(), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (columns + Of(rune) > width) break;
            kept.Append(rune);
            columns += Of(rune);
        }

        return kept.Append(' ', width - columns).ToString();
    }
}
