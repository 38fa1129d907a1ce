using System.Collections.Immutable;

namespace CrossModal.Tabletop.Language;

/// <summary>
/// Every word the benchmark uses in training, in a fixed order: the tokenizer numbers words by their place, so a trained embedding keeps
/// its meaning. New words are only ever appended.
/// </summary>
internal static class Vocabulary
{
    /// <summary>The most words an instruction has.</summary>
    public const int MostWords = 12;

    private static readonly (string Word, WordKind Kind)[] Entries =
    [
        ("the", WordKind.Other), ("of", WordKind.Other), ("in", WordKind.Other),
        ("pick", WordKind.Verb), ("up", WordKind.Verb), ("grab", WordKind.Verb), ("lift", WordKind.Verb), ("take", WordKind.Verb),
        ("place", WordKind.Verb), ("put", WordKind.Verb), ("set", WordKind.Verb), ("move", WordKind.Verb),
        ("red", WordKind.Color), ("green", WordKind.Color), ("blue", WordKind.Color), ("yellow", WordKind.Color),
        ("purple", WordKind.Color), ("orange", WordKind.Color),
        ("cup", WordKind.Shape), ("cube", WordKind.Shape), ("cylinder", WordKind.Shape), ("ball", WordKind.Shape),
        ("star", WordKind.Shape), ("plate", WordKind.Shape),
        ("left", WordKind.Relation), ("right", WordKind.Relation), ("behind", WordKind.Relation), ("front", WordKind.Relation),
        ("on", WordKind.Relation), ("onto", WordKind.Relation),
        ("push", WordKind.Verb), ("slide", WordKind.Verb), ("shove", WordKind.Verb), ("to", WordKind.Other), ("back", WordKind.Relation),
        ("one", WordKind.Other),
    ];

    private static readonly Dictionary<string, WordKind> KindsByWord = Entries.ToDictionary(entry => entry.Word, entry => entry.Kind);

    /// <summary>The words in their order.</summary>
    public static ImmutableArray<string> Words { get; } = [.. Entries.Select(entry => entry.Word)];

    /// <summary>What a word or one of the <see cref="Synonyms"/> does; capitals do not matter.</summary>
    /// <exception cref="ArgumentException">The word is unknown.</exception>
    public static WordKind KindOf(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return KindsByWord.TryGetValue(Synonyms.Meaning(word.ToLowerInvariant()), out var kind) ? kind : throw new ArgumentException($"Vocabulary: unknown word '{word}'.", nameof(word));
    }

    /// <summary>The words of a sentence; a full stop or comma after a word is dropped.</summary>
    public static string[] Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('.', ',')).Where(word => word.Length > 0)];
    }
}
