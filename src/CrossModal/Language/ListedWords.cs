using System.Globalization;

namespace CrossModal.Language;

/// <summary>The words of a list, for cutting text that is written without spaces.</summary>
/// <param name="words">The words, as texts write them.</param>
internal sealed class ListedWords(IEnumerable<string> words)
{
    private readonly HashSet<string> _words = [.. words];
    private readonly int _longest = words.Select(word => word.Length).DefaultIfEmpty(0).Max();

    /// <summary>Cuts a text by forward maximum matching: from the left the longest word of the list, and what lies between two such words
    /// in one piece.</summary>
    /// <param name="text">A text without spaces.</param>
    /// <param name="into">Receives the words.</param>
    public void Cut(string text, List<string> into)
    {
        var (start, at) = (0, 0);
        while (at < text.Length)
        {
            var length = Match(text, at);
            if (length == 0)
            {
                // Whole characters with their marks: an unknown word does not end inside one.
                at += StringInfo.GetNextTextElementLength(text, at);
                continue;
            }

            if (at > start) into.Add(text[start..at]);
            into.Add(text.Substring(at, length));
            start = at += length;
        }

        if (at > start) into.Add(text[start..]);
    }

    /// <summary>Length of the longest word of the list that stands at a place; 0 when none does.</summary>
    private int Match(string text, int at)
    {
        for (var length = Math.Min(_longest, text.Length - at); length > 0; length--)
            if (_words.Contains(text.Substring(at, length))) return length;
        return 0;
    }
}
