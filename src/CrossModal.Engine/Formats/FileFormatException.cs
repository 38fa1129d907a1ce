using System.Text;

namespace CrossModal.Engine.Formats;

/// <summary>A file whose bytes do not follow its format; the message reads <c>file: what, where</c>.</summary>
public sealed class FileFormatException : FormatException
{
    private const int LongestQuote = 60;

    /// <summary>Names the file and what is wrong with it.</summary>
    public FileFormatException(string fileName, string problem, Exception? cause = null)
        : base($"{fileName}: {problem}", cause) => FileName = fileName;

    /// <summary>The file as the caller named it.</summary>
    public string FileName { get; }

    /// <summary>Quotes text that came out of a file: shortened, and without control characters that could garble a terminal.</summary>
    internal static string Quote(ReadOnlySpan<char> text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text[..Math.Min(text.Length, LongestQuote)])
            quoted.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        return quoted.Append(text.Length > LongestQuote ? "...'" : "'").ToString();
    }
}
