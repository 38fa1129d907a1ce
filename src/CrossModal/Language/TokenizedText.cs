namespace CrossModal.Language;

/// <summary>A text as a model reads it.</summary>
/// <param name="Ids">Numbers of the pieces, what begins and ends a text included.</param>
/// <param name="WordOf">Which word each piece belongs to; -1 for what was not in the text, and for special tokens.</param>
/// <param name="Words">The words, as they were after case and accents were seen to; an added token that is not special is one.</param>
/// <param name="Dropped">How many pieces at the end found no room.</param>
public sealed record TokenizedText(IReadOnlyList<int> Ids, IReadOnlyList<int> WordOf, IReadOnlyList<string> Words, int Dropped);
