using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Language;

/// <summary>Splits instructions into lower-case words and numbers them: 0 is padding, 1 an unknown word. Words of a pretrained text encoder
/// have no numbers of their own: its states take their place in a policy's input.</summary>
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

    /// <summary>Makes a tokenizer whose words have states of a text encoder.</summary>
    /// <param name="encoder">The encoder, which also cuts the texts.</param>
    internal WordTokenizer(ITextEncoder encoder)
        : this([]) => Encoder = encoder;

    /// <summary>What gives words states; null where words have numbers.</summary>
    internal ITextEncoder? Encoder { get; }

    /// <summary>The words, in the order of their numbers; none of a text encoder's.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Where texts are cut into words.</summary>
    public WordBreaks Breaks { get; }

    /// <summary>Whether a word, in lower case, has a number of its own, or pieces in the vocabulary of a text encoder.</summary>
    public bool Knows(string word) => Encoder is null ? _ids.ContainsKey(word) : !Encoder.Words(word).Unknown.Contains(true);

    /// <summary>How many numbers there are, padding and unknown included.</summary>
    public int Count => FirstWord + Words.Count;

    /// <summary>The words that occur in texts, in alphabetical order.</summary>
    public static WordTokenizer Learn(IEnumerable<string> texts) =>
        new([.. texts.SelectMany(Split).Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>A text's words in lower case, as <see cref="WordBreaks.Unicode"/> cuts it; <see cref="Unknown"/> is a word.</summary>
    public static IReadOnlyList<string> Split(string text) => Split(text, WordBreaks.Unicode, null);

    /// <summary>A text's words in lower case, as this tokenizer cuts it.</summary>
    public IReadOnlyList<string> WordsOf(string text) =>
        Encoder is null ? Split(text, Breaks, _listed) : text == Unknown ? [Unknown] : Encoder.Words(text).Words;

    /// <summary>The numbers of a text's words.</summary>
    public int[] Encode(string text) => [.. WordsOf(text).Select(word => _ids.GetValueOrDefault(word, UnknownId))];

    /// <summary>What stands for a text in a policy's input: the numbers of its words <c>[Nl]</c>, or the states <c>[Nl, e]</c> that a text
    /// encoder gives them; <see cref="Unknown"/> alone is one word whose state is 0.</summary>
    /// <exception cref="ShapeException">The text has more pieces than the encoder takes.</exception>
    internal float[] InputOf(string text) => Encoder is null ? Array.ConvertAll(Encode(text), id => (float)id)
        : text == Unknown ? new float[Encoder.Width] : Encoder.States(text);

    /// <summary>The shape of several texts in a policy's input: <c>[B, N]</c>, or <c>[B, N, e]</c> of a text encoder.</summary>
    internal Shape InputShape(int texts, int words) => Encoder is null ? [texts, words] : [texts, words, Encoder.Width];

    /// <summary>Numbers or states of several texts as an input <c>[B, longest]</c> or <c>[B, longest, e]</c>, with the mask of real
    /// words.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="maxWords">Words beyond this are an error.</param>
    /// <exception cref="ShapeException">A text has no word, or more than <paramref name="maxWords"/>.</exception>
    public (Tensor Ids, Mask Mask) EncodeBatch(IReadOnlyList<string> texts, int maxWords)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var encoded = texts.Select(text => EncodeOne(text, maxWords)).ToArray();
        var width = Encoder?.Width ?? 1;
        var longest = encoded.Max(e => e.Length) / width;
        var words = Tensor.Zeros(InputShape(encoded.Length, longest));
        for (var b = 0; b < encoded.Length; b++) encoded[b].CopyTo(words.Span[(b * longest * width)..]);
        return (words, Mask.Lengths([.. encoded.Select(e => e.Length / width)], longest));
    }

    /// <summary>Numbers or states of several texts, written into an input of fixed size.</summary>
    /// <param name="texts">The texts, B of them.</param>
    /// <param name="ids">Word numbers <c>[B, N]</c> or states <c>[B, N, e]</c>, padded with zeros.</param>
    /// <param name="scores">A mask's scores <c>[B, 1, 1, N]</c>: 0 for a word, −∞ for padding.</param>
    /// <exception cref="ShapeException">A text has no word, or more than N; or the inputs do not fit the texts.</exception>
    public void EncodeBatch(IReadOnlyList<string> texts, Tensor ids, Tensor scores)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(scores);
        var (most, width) = (ids.Shape.Rank < 2 ? 0 : ids.Shape[1], Encoder?.Width ?? 1);
        if (ids.Shape != InputShape(texts.Count, most) || scores.Shape != [texts.Count, 1, 1, most])
            throw new ShapeException("WordTokenizer",
                $"{texts.Count} texts need ids {(Encoder is null ? "[B, N]" : $"[B, N, {width}]")} and scores [B, 1, 1, N], got {ids.Shape} and {scores.Shape}");
        for (var i = 0; i < texts.Count; i++)
        {
            var words = EncodeOne(texts[i], most);
            var row = ids.Span.Slice(i * most * width, most * width);
            words.CopyTo(row);
            row[words.Length..].Clear();
            var mask = scores.Span.Slice(i * most, most);
            mask.Fill(float.NegativeInfinity);
            mask[..(words.Length / width)].Clear();
        }
    }

    private static List<string> Split(string text, WordBreaks breaks, ListedWords? listed)
    {
        ArgumentNullException.ThrowIfNull(text);
        return WordCutting.Cut(text, breaks, listed).ConvertAll(word => word.ToLowerInvariant());
    }

    private float[] EncodeOne(string text, int maxWords)
    {
        var words = InputOf(text);
        var count = words.Length / (Encoder?.Width ?? 1);
        if (count == 0) throw new ShapeException("WordTokenizer", $"the instruction '{text}' has no word");
        return count <= maxWords ? words
            : throw new ShapeException("WordTokenizer", $"the instruction '{text}' has {count} words, at most {maxWords} fit");
    }
}
