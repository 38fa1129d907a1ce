namespace CrossModal.Language;

/// <summary>A pretrained text encoder as a policy uses it: words with states.</summary>
internal interface ITextEncoder
{
    /// <summary>Width e of a state.</summary>
    int Width { get; }

    /// <summary>A text's words, and which of them the vocabulary cannot spell.</summary>
    /// <exception cref="Engine.Tensors.ShapeException">The text has more pieces than the encoder takes.</exception>
    EncodedWords Words(string text);

    /// <summary>The states of a text's words, <c>[Nl, e]</c>; a word of several pieces has the mean of theirs.</summary>
    /// <exception cref="Engine.Tensors.ShapeException">The text has more pieces than the encoder takes.</exception>
    float[] States(string text);
}

/// <summary>The words of a text as an encoder's tokenizer cuts it.</summary>
/// <param name="Words">The words, in lower case where the encoder's are.</param>
/// <param name="Unknown">For each, whether the vocabulary has no pieces for it.</param>
internal sealed record EncodedWords(IReadOnlyList<string> Words, IReadOnlyList<bool> Unknown);
