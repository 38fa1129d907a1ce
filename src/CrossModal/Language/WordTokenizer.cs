using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Language;

/// <summary>Splits instructions into lower-case words and numbers them: 0 is padding, 1 an unknown word.</summary>
public sealed class WordTokenizer
{
    /// <summary>How an unknown word is written.</summary>
    public const string Unknown = "<unk>";

    /// <summary>Number of an unknown word.</summary>
    public const int UnknownId = 1;

    private const int FirstWord = UnknownId + 1;
    private readonly Dictionary<string, int> _ids = [];
    private readonly ListedWords? _listed;

    /// <summary>Makes a tokenizer of a fixed list of words.</summary>
    /// <param name="words">Words in the order of their numbers.</param>
    /// <param name="breaks">Where texts are cut into words.</param>
    /// <exception cref="ArgumentException">A word is empty or twice in the list.</exception>
    public WordTokenizer(IReadOnlyList<string> words, WordBreaks breaks = WordBreaks.Unicode)
    {
        ArgumentNullException.ThrowIfNull(words);
        foreach (var word in words)
            if (string.IsNullOrWhiteSpace(word) || !_ids.TryAdd(word, FirstWord + _ids.Count))
                throw new ArgumentException($"WordTokenizer: the word '{word}' is empty or listed twice", nameof(words));
        (Words, Breaks) = ([.. words], breaks);
        if (breaks == WordBreaks.Vocabulary) _listed = new ListedWords(Words);
    }

    /// <summary>The words, in the order of their numbers.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Where texts are cut into words.</summary>
    public WordBreaks Breaks { get; }

    /// <summary>Whether a word, in lower case, has a number of its own.</summary>
    public bool Knows(string word) => _ids.ContainsKey(word);

    /// <summary>How many numbers there are, padding and unknown included.</summary>
    public int Count => FirstWord + Words.Count;

    /// <summary>The words that occur in texts, in alphabetical order.</summary>
    public static WordTokenizer Learn(IEnumerable<string> texts) =>
        new([.. texts.SelectMany(Split).Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>A text's words in lower case, as <see cref="WordBreaks.Unicode"/> cuts it; <see cref="Unknown"/> is a word.</summary>
    public static IReadOnlyList<string> Split(string text) => Split(text, WordBreaks.Unicode, null);

    /// <summary>A text's words in lower case, as this tokenizer cuts it.</summary>
    public IReadOnlyList<string> WordsOf(string text) => Split(text, Breaks, _listed);

    /// <summary>The numbers of a text's words.</summary>
    public int[] Encode(string text) => [.. WordsOf(text).Select(word => _ids.GetValueOrDefault(word, UnknownId))];

    /// <summary>Numbers of several texts as an input <c>[B, longest]</c>, with the mask of real words.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="maxWords">Words beyond this are an error.</param>
    /// <exception cref="ShapeException">A text has no word, or more than <paramref name="maxWords"/>.</exception>
    public (Tensor Ids, Mask Mask) EncodeBatch(IReadOnlyList<string> texts, int maxWords)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var encoded = texts.Select(text => EncodeOne(text, maxWords)).ToArray();
        var longest = encoded.Max(e => e.Length);
        var ids = Tensor.Zeros([encoded.Length, longest]);
        for (var b = 0; b < encoded.Length; b++)
            for (var i = 0; i < encoded[b].Length; i++) ids[b, i] = encoded[b][i];
        return (ids, Mask.Lengths(encoded.Select(e => e.Length).ToArray(), longest));
    }

    /// <summary>Numbers of several texts, written into an input of fixed size.</summary>
    /// <param name="texts">The texts, B of them.</param>
    /// <param name="ids">Word numbers <c>[B, N]</c>, padded with zeros.</param>
    /// <param name="scores">A mask's scores <c>[B, 1, 1, N]</c>: 0 for a word, −∞ for padding.</param>
    /// <exception cref="ShapeException">A text has no word, or more than N; or the inputs do not fit the texts.</exception>
    public void EncodeBatch(IReadOnlyList<string> texts, Tensor ids, Tensor scores)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(scores);
        var most = ids.Shape[-1];
        if (ids.Shape != [texts.Count, most] || scores.Shape != [texts.Count, 1, 1, most])
            throw new ShapeException("WordTokenizer",
                $"{texts.Count} texts need ids [B, N] and scores [B, 1, 1, N], got {ids.Shape} and {scores.Shape}");
        for (var i = 0; i < texts.Count; i++)
        {
            var words = EncodeOne(texts[i], most);
            var row = ids.Span.Slice(i * most, most);
            var mask = scores.Span.Slice(i * most, most);
            for (var j = 0; j < most; j++) (row[j], mask[j]) = j < words.Length ? (words[j], 0) : (0, float.NegativeInfinity);
        }
    }

    private static List<string> Split(string text, WordBreaks breaks, ListedWords? listed)
    {
        ArgumentNullException.ThrowIfNull(text);
        return WordCutting.Cut(text, breaks, listed).ConvertAll(word => word.ToLowerInvariant());
    }

    private int[] EncodeOne(string text, int maxWords)
    {
        var words = Encode(text);
        if (words.Length == 0) throw new ShapeException("WordTokenizer", $"the instruction '{text}' has no word");
        if (words.Length > maxWords)
            throw new ShapeException("WordTokenizer", $"the instruction '{text}' has {words.Length} words, at most {maxWords} fit");
        return words;
    }
}
