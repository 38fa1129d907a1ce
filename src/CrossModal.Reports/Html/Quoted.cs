using System.Globalization;

namespace CrossModal.Reports;

/// <summary>
/// Text of a person's own, such as an instruction, inside text of a page: cut short with an ellipsis, and isolated (Unicode's bidirectional
/// algorithm, UAX 9), so that Arabic or Hebrew leaves the order of what stands around it as it is.
/// </summary>
internal static class Quoted
{
    /// <summary>U+2068, before a part of a text whose direction is its own; <see cref="HtmlWriter"/> writes the part as
    /// <c>bdi</c>.</summary>
    public const char Isolate = '\u2068';

    /// <summary>U+2069, after it.</summary>
    public const char EndOfIsolate = '\u2069';

    private const int LongestInstruction = 200;
    private const int LongestWord = 40;
    private const int MostListed = 10;

    /// <summary>An instruction in quotation marks.</summary>
    public static string Instruction(string text) => $"“{Isolated(Shortened(text, LongestInstruction))}”";

    /// <summary>A word, or a name.</summary>
    public static string Word(string text) => Isolated(Shortened(text, LongestWord));

    /// <summary>Words with commas between; of many the first, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> words, int most = MostListed) =>
        string.Join(", ", words.Take(most).Select(word => Shortened(word, LongestWord)))
            + (words.Count > most ? $" and {words.Count - most} more" : "");

    /// <summary>A text of at most so many characters, each with its marks; what is left out is an ellipsis.</summary>
    public static string Shortened(string text, int longest)
    {
        if (text.Length <= longest) return text;
        var end = 0;
        while (end < text.Length && longest-- > 0) end += StringInfo.GetNextTextElementLength(text, end);
        return end < text.Length ? text[..end] + "…" : text;
    }

    // Isolates that stand in the text itself would end this one early.
    private static string Isolated(string text) =>
        Isolate + string.Concat(text.Where(c => c is < '\u2066' or > EndOfIsolate)) + EndOfIsolate;
}
