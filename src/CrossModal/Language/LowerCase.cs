namespace CrossModal.Language;

/// <summary>Lower case, character by character, as Unicode maps it without regard to language or place in the word.</summary>
internal static class LowerCase
{
    private const char DottedCapitalI = 'İ';

    /// <summary>The text in lower case.</summary>
    public static string Of(string text)
    {
        var lowered = text.ToLowerInvariant();

        // The one character whose lower case is two: i and a dot above.
        return lowered.Contains(DottedCapitalI) ? lowered.Replace("İ", "i\u0307", StringComparison.Ordinal) : lowered;
    }
}
