using System.Globalization;
using System.Text;

namespace CrossModal.Language;

/// <summary>BERT's rules: drop control characters, put spaces around Chinese characters, drop accents, lower the case; cut at spaces and
/// around every punctuation mark.</summary>
/// <remarks>Source followed: Hugging Face tokenizers, normalizers/bert.rs and pre_tokenizers/bert.rs. As there, case is lowered character
/// by character (a final Σ becomes σ), and U+2B820 to U+2B91F are not taken for Chinese.</remarks>
/// <param name="Clean">Whether control characters are dropped and every kind of space becomes a plain one.</param>
/// <param name="Chinese">Whether Chinese characters are words of their own.</param>
/// <param name="StripAccents">Whether accents are dropped.</param>
/// <param name="Lowercase">Whether the case is lowered.</param>
internal sealed record BertRules(bool Clean, bool Chinese, bool StripAccents, bool Lowercase) : ITextRules
{
    private static readonly (int First, int Last)[] ChineseRanges =
    [
        (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF),
        (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
    ];

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Clean && IsDropped(rune)) continue;
            if (Chinese && IsChinese(rune)) kept.Append(' ').Append(rune).Append(' ');
            else if (Clean && Rune.IsWhiteSpace(rune)) kept.Append(' ');
            else kept.Append(rune);
        }

        var normalized = kept.ToString();
        if (StripAccents && !Ascii.IsValid(normalized))
        {
            var parts = CanonicalForms.Decompose(normalized);
            parts.RemoveAll(r => Rune.GetUnicodeCategory(r) == UnicodeCategory.NonSpacingMark);
            normalized = CanonicalForms.Text(parts);
        }

        return Lowercase ? LowerCase.Of(normalized) : normalized;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Split(string normalized)
    {
        var start = 0;
        for (var at = 0; at < normalized.Length;)
        {
            Rune.DecodeFromUtf16(normalized.AsSpan(at), out var rune, out var length);
            var (space, mark) = (Rune.IsWhiteSpace(rune), IsPunctuation(rune));
            if (space || mark)
            {
                if (at > start) yield return normalized[start..at];
                if (mark) yield return normalized.Substring(at, length);
                start = at + length;
            }

            at += length;
        }

        if (start < normalized.Length) yield return normalized[start..];
    }

    private static bool IsDropped(Rune rune) => rune.Value is not ('\t' or '\n' or '\r') && (rune.Value is 0 or 0xFFFD
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    private static bool IsChinese(Rune rune)
    {
        foreach (var (first, last) in ChineseRanges)
            if (rune.Value >= first && rune.Value <= last) return true;
        return false;
    }

    private static bool IsPunctuation(Rune rune) => Rune.IsPunctuation(rune) || rune.IsAscii && Rune.IsSymbol(rune);
}
