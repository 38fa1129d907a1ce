namespace CrossModal.Language;

/// <summary>What stands around a text.</summary>
/// <param name="Before">Numbers of what begins a text.</param>
/// <param name="After">Numbers of what ends it.</param>
/// <param name="Padding">The number that fills up shorter texts of a batch.</param>
/// <param name="Unknown">The number of a word that cannot be cut into pieces.</param>
/// <param name="Longest">The most pieces of a text; null when nothing says.</param>
internal sealed record TokenizerFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After, int Padding, int Unknown, int? Longest);
