using System.Text;

namespace CrossModal.Language;

/// <summary>CLIP's rules: compose accents, lower the case; a word is a contraction, a run of letters, one digit, or a run of anything
/// else.</summary>
/// <remarks>Source followed: the published <c>tokenizer.json</c> (NFC, spaces joined, lower case, and the expression below).</remarks>
internal sealed class ClipRules : ITextRules
{
    /// <summary>The expression that cuts words, as published.</summary>
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        var joined = new StringBuilder(text.Length);
        var space = false;
        foreach (var rune in CanonicalForms.Compose(text).EnumerateRunes())
        {
            var before = space;
            space = Rune.IsWhiteSpace(rune);
            if (!space) joined.Append(rune);
            else if (!before) joined.Append(' ');
        }

        return LowerCase.Of(joined.ToString());
    }

    /// <inheritdoc/>
    public IEnumerable<string> Split(string normalized)
    {
        for (var at = 0; at < normalized.Length;)
        {
            var end = End(normalized, at, out var kind);
            if (kind != Kind.Space) yield return normalized[at..end];
            at = end;
        }
    }

    private static int End(string text, int at, out Kind kind)
    {
        foreach (var contraction in Contractions)
            if (text.AsSpan(at).StartsWith(contraction, StringComparison.Ordinal))
            {
                kind = Kind.Other;
                return at + contraction.Length;
            }

        kind = Of(text, at, out var length);
        var end = at + length;
        if (kind is Kind.Letter or Kind.Other)
            while (end < text.Length && Of(text, end, out length) == kind) end += length;
        return end;
    }

    private static Kind Of(string text, int at, out int length)
    {
        Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out length);
        return Rune.IsWhiteSpace(rune) ? Kind.Space : Rune.IsLetter(rune) ? Kind.Letter : Rune.IsNumber(rune) ? Kind.Number : Kind.Other;
    }
}
