using System.Globalization;
using System.Text;

namespace CrossModal.Language;

/// <summary>Where a text is cut into words. Texts of ASCII characters are cut alike by all.</summary>
public enum WordBreaks
{
    /// <summary>Anything but a letter, a digit or an apostrophe separates, combining marks too; how policies were trained that say nothing
    /// else.</summary>
    Letters,

    /// <summary>After Unicode's word boundaries (UAX 29): combining marks and joiners stay inside their word, Katakana is a word apart from
    /// what is beside it, and characters of scripts that put no spaces between words (Han, Hiragana, Thai, Lao, Khmer, Myanmar and others)
    /// are a word each. Unlike there, any apostrophe is part of a word.</summary>
    Unicode,

    /// <summary>As <see cref="Unicode"/>, but text of scripts without spaces is cut into the words of the tokenizer's own list: from the
    /// left always the longest word of the list that the text goes on with (forward maximum matching), and whatever lies between two such
    /// words is one unknown word. 拿起红色杯子 is 拿起, 红色, 杯子 where these are words of the list.</summary>
    Vocabulary,
}

/// <summary>Cuts texts into words.</summary>
internal static class WordCutting
{
    private const int ZeroWidthSpace = 0x200B;

    // Scripts whose words no space separates: Unicode's line breaking classes SA and, without Katakana, ID and CJ (UAX 14).
    private static readonly (int First, int Last)[] Unspaced =
    [
        (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0x3005, 0x3007), (0x3040, 0x309F),
            (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF), (0xF900, 0xFAFF), (0x11700, 0x1174F), (0x1B000, 0x1B11F), (0x20000, 0x3FFFF),
    ];

    private static readonly (int First, int Last)[] Katakana = [(0x30A0, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), (0x1B120, 0x1B16F)];

    private enum Kind
    {
        Separator,
        Letters,
        Katakana,
        WordOfItsOwn,
    }

    /// <summary>A text's words as they stand in it; <see cref="WordTokenizer.Unknown"/> is a word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="breaks">Where it is cut.</param>
    /// <param name="listed">The words of the list, for <see cref="WordBreaks.Vocabulary"/>.</param>
    public static List<string> Cut(string text, WordBreaks breaks, ListedWords? listed = null)
    {
        var words = new List<string>();
        var at = 0;
        while (text.IndexOf(WordTokenizer.Unknown, at, StringComparison.Ordinal) is >= 0 and var unknown)
        {
            Add(text.AsSpan(at, unknown - at));
            words.Add(WordTokenizer.Unknown);
            at = unknown + WordTokenizer.Unknown.Length;
        }

        Add(text.AsSpan(at));
        return words;

        void Add(ReadOnlySpan<char> part)
        {
            if (breaks == WordBreaks.Letters) AddLetters(words, part);
            else AddUnicode(words, part, listed);
        }
    }

    private static void AddLetters(List<string> words, ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '\'')) end++;
            if (end > i) words.Add(text[i..end].ToString());
            i = Math.Max(end, i + 1);
        }
    }

    private static void AddUnicode(List<string> words, ReadOnlySpan<char> text, ListedWords? listed)
    {
        var word = new StringBuilder();
        var last = Kind.Separator;
        while (!text.IsEmpty)
        {
            // A character with all marks and joiners upon it.
            var element = text[..StringInfo.GetNextTextElementLength(text)];
            text = text[element.Length..];
            if (Of(element) is not { } kind) continue;
            // A list of words says where what is written without spaces is cut, once all of it is there.
            if (kind != last || kind == Kind.WordOfItsOwn && listed is null) End();
            if (kind != Kind.Separator) word.Append(element);
            last = kind;
        }

        End();

        void End()
        {
            if (word.Length > 0 && last == Kind.WordOfItsOwn && listed is not null) listed.Cut(word.ToString(), words);
            else if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    /// <summary>Null for characters that format and say nothing of words, such as direction marks and soft hyphens (UAX 29, WB4).</summary>
    private static Kind? Of(ReadOnlySpan<char> element)
    {
        foreach (var rune in element.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format && rune.Value != ZeroWidthSpace) continue;
            if (rune.Value == '\'' || Rune.IsDigit(rune)) return Kind.Letters;
            if (rune.Value != 0x3007 && !Rune.IsLetter(rune)) return Kind.Separator;
            return IsIn(Unspaced, rune.Value) ? Kind.WordOfItsOwn : IsIn(Katakana, rune.Value) ? Kind.Katakana : Kind.Letters;
        }

        return null;
    }

    private static bool IsIn((int First, int Last)[] ranges, int character) => ranges.Any(r => character >= r.First && character <= r.Last);
}
