using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CrossModal.Cli.Hosting;

/// <summary>A person's text as part of a file's name.</summary>
internal static class FileNamePart
{
    private const int MarkBytes = 3;

    /// <summary>The text's letters, digits, marks and dots; anything else becomes an underscore. Of a long text only the beginning, with a
    /// mark of the whole, so that two that begin alike have different names.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most bytes of UTF-8 that the beginning may take; the mark takes 7 more.</param>
    public static string Of(string text, int longest)
    {
        var (name, bytes) = (new StringBuilder(), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var kept = Rune.IsLetterOrDigit(rune) || rune.Value == '.' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark ? rune : new Rune('_');
            if (bytes + kept.Utf8SequenceLength > longest)
                return $"{name}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, MarkBytes))}";
            name.Append(kept);
            bytes += kept.Utf8SequenceLength;
        }

        return name.ToString();
    }
}
