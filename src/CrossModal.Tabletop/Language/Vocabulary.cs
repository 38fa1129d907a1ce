using System.Collections.Immutable;

namespace CrossModal.Tabletop.Language;

/// <summary>
/// Every word the benchmark uses, in a fixed order: a word's id is its place, so a trained embedding keeps its meaning.
/// New words are only ever appended.
/// </summary>
public static class Vocabulary
{
    /// <summary>Id of the padding that fills an instruction up to <see cref="MaxLength"/>.</summary>
    public const int PadId = 0;

    /// <summary>Length of every encoded instruction.</summary>
    public const int MaxLength = 12;

    private static readonly (string Word, WordKind Kind)[] Entries =
    [
        ("<pad>", WordKind.Other), ("the", WordKind.Other), ("of", WordKind.Other), ("in", WordKind.Other),
        ("pick", WordKind.Verb), ("up", WordKind.Verb), ("grab", WordKind.Verb), ("lift", WordKind.Verb), ("take", WordKind.Verb),
        ("place", WordKind.Verb), ("put", WordKind.Verb), ("set", WordKind.Verb), ("move", WordKind.Verb),
        ("red", WordKind.Color), ("green", WordKind.Color), ("blue", WordKind.Color), ("yellow", WordKind.Color),
        ("purple", WordKind.Color), ("orange", WordKind.Color),
        ("cup", WordKind.Shape), ("cube", WordKind.Shape), ("cylinder", WordKind.Shape), ("ball", WordKind.Shape),
        ("star", WordKind.Shape), ("plate", WordKind.Shape),
        ("left", WordKind.Relation), ("right", WordKind.Relation), ("behind", WordKind.Relation), ("front", WordKind.Relation),
        ("on", WordKind.Relation), ("onto", WordKind.Relation),
    ];

    private static readonly Dictionary<string, int> IdOf = Entries.Select((entry, id) => (entry.Word, id)).ToDictionary(pair => pair.Word, pair => pair.id);

    /// <summary>The words in order of their ids.</summary>
    public static ImmutableArray<string> Words { get; } = [.. Entries.Select(entry => entry.Word)];

    /// <summary>Number of words, padding included.</summary>
    public static int Count => Entries.Length;

    /// <summary>What a word does.</summary>
    /// <exception cref="ArgumentException">The word is unknown.</exception>
    public static WordKind KindOf(string word) => Entries[Id(word)].Kind;

    /// <summary>The id of a word; capitals do not matter.</summary>
    /// <exception cref="ArgumentException">The word is unknown.</exception>
    public static int Id(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return IdOf.TryGetValue(word.ToLowerInvariant(), out var id) && id != PadId
            ? id
            : throw new ArgumentException($"Vocabulary: unknown word '{word}'.", nameof(word));
    }

    /// <summary>The words of a sentence; a full stop or comma after a word is dropped.</summary>
    public static string[] Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('.', ',')).Where(word => word.Length > 0)];
    }

    /// <summary>The ids of a sentence's words, padded with <see cref="PadId"/>: `[MaxLength]`.</summary>
    /// <exception cref="ArgumentException">A word is unknown, or the sentence is empty or too long.</exception>
    public static int[] Encode(string text)
    {
        var words = Split(text);
        if (words.Length is 0 or > MaxLength)
            throw new ArgumentException($"Vocabulary: '{text}' has {words.Length} words; 1 to {MaxLength} can be encoded.", nameof(text));
        var ids = new int[MaxLength];
        for (var i = 0; i < words.Length; i++)
            ids[i] = Id(words[i]);
        return ids;
    }
}
