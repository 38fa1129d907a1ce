using System.Collections.Immutable;
using CrossModal.Language;

namespace CrossModal.Tabletop.Language;

/// <summary>
/// Every word the benchmark uses in training, in a fixed order for each language: the tokenizer numbers words by their place, so a trained
/// embedding keeps its meaning. New words are only ever appended to their language's.
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

    private static readonly (string Word, WordKind Kind)[] ChineseEntries =
    [
        ("的", WordKind.Other), ("请", WordKind.Other), ("把", WordKind.Other), ("将", WordKind.Other), ("往", WordKind.Other),
            ("向", WordKind.Other),
        ("那个", WordKind.Other),
        ("拿起", WordKind.Verb), ("抓起", WordKind.Verb), ("举起", WordKind.Verb), ("来", WordKind.Verb),
        ("放到", WordKind.Verb), ("放在", WordKind.Verb), ("移到", WordKind.Verb), ("推", WordKind.Verb), ("推到", WordKind.Verb),
            ("推向", WordKind.Verb),
        ("红色", WordKind.Color), ("绿色", WordKind.Color), ("蓝色", WordKind.Color), ("黄色", WordKind.Color),
        ("紫色", WordKind.Color), ("橙色", WordKind.Color),
        ("杯子", WordKind.Shape), ("方块", WordKind.Shape), ("圆柱", WordKind.Shape), ("球", WordKind.Shape),
        ("星星", WordKind.Shape), ("盘子", WordKind.Shape),
        ("左边", WordKind.Relation), ("右边", WordKind.Relation), ("后面", WordKind.Relation), ("前面", WordKind.Relation),
        ("上", WordKind.Relation), ("上面", WordKind.Relation),
    ];

    private static readonly Dictionary<string, WordKind> KindsByWord = Entries.Concat(ChineseEntries).ToDictionary(entry => entry.Word,
        entry => entry.Kind);

    /// <summary>The English words in their order.</summary>
    public static ImmutableArray<string> Words { get; } = [.. Entries.Select(entry => entry.Word)];

    /// <summary>The Chinese words in their order.</summary>
    public static ImmutableArray<string> ChineseWords { get; } = [.. ChineseEntries.Select(entry => entry.Word)];

    // Chinese has no spaces between words: the words themselves, with those of Z2b, say where a sentence is cut.
    private static readonly WordTokenizer Everything = new([.. Words, .. ChineseWords, .. Synonyms.Words], WordBreaks.Vocabulary);

    /// <summary>The words of a policy of a language, in their order; of both languages the English ones come first.</summary>
    public static IReadOnlyList<string> WordsOf(InstructionLanguage language) => language switch
    {
        InstructionLanguage.English => Words,
        InstructionLanguage.Chinese => ChineseWords,
        _ => [.. Words, .. ChineseWords],
    };

    /// <summary>What a word or one of the <see cref="Synonyms"/> does; capitals do not matter.</summary>
    /// <exception cref="ArgumentException">The word is unknown.</exception>
    public static WordKind KindOf(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return KindsByWord.TryGetValue(Synonyms.Meaning(word.ToLowerInvariant()), out var kind) ? kind
            : throw new ArgumentException($"Vocabulary: unknown word '{word}'.", nameof(word));
    }

    /// <summary>The words of a sentence; a full stop or comma after a word is dropped. A sentence with Chinese characters is cut as
    /// <see cref="WordBreaks.Vocabulary"/> says, by the words of the benchmark.</summary>
    public static string[] Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Any(IsChinese) ? [.. Everything.WordsOf(text)]
            : [.. text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word =>
                word.TrimEnd('.', ',')).Where(word => word.Length > 0)];
    }

    /// <summary>Whether a character is a Chinese one (CJK Unified Ideographs).</summary>
    internal static bool IsChinese(char character) => character is >= '\u4E00' and <= '\u9FFF';
}
