namespace CrossModal.Language;

/// <summary>How a tokenizer cleans a text and cuts it into words.</summary>
internal interface ITextRules
{
    /// <summary>The text as the vocabulary was made: case, accents, spaces.</summary>
    string Normalize(string text);

    /// <summary>The words of a normalised text, in order; spaces belong to none.</summary>
    IEnumerable<string> Split(string normalized);
}
