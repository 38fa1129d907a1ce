namespace CrossModal.Language;

/// <summary>Finds added tokens in a text: the leftmost first, of those that begin there the longest.</summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _tokens;

    /// <summary>Takes the tokens.</summary>
    public AddedTokens(IEnumerable<AddedToken> tokens) =>
        _tokens = [.. tokens.Where(t => t.Content.Length > 0).OrderByDescending(t => t.Content.Length)];

    /// <summary>The text cut into added tokens and what lies between them.</summary>
    public IEnumerable<(string Text, AddedToken? Token)> Cut(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length && _tokens.Length > 0;)
        {
            if (At(text, at) is not { } token)
            {
                at++;
                continue;
            }

            var (left, right) = (at, at + token.Content.Length);
            while (token.StripLeft && left > start && char.IsWhiteSpace(text[left - 1])) left--;
            while (token.StripRight && right < text.Length && char.IsWhiteSpace(text[right])) right++;
            if (left > start) yield return (text[start..left], null);
            yield return (token.Content, token);
            start = at = right;
        }

        if (start < text.Length) yield return (text[start..], null);
    }

    private AddedToken? At(string text, int at)
    {
        foreach (var token in _tokens)
        {
            var end = at + token.Content.Length;
            if (text.AsSpan(at).StartsWith(token.Content, StringComparison.Ordinal)
                && !(token.SingleWord && (at > 0 && IsWord(text[at - 1]) || end < text.Length && IsWord(text[end])))) return token;
        }

        return null;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_'
        || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;
}
