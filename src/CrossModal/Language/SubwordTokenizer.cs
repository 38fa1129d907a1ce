using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Language;

/// <summary>Cuts texts into pieces of words and numbers them, as a published model was trained to read them: WordPiece (BERT, BLIP, ViLT,
/// LXMERT, Q-Former) or byte pairs (CLIP). <see cref="TokenizerFolder"/> reads one.</summary>
public sealed class SubwordTokenizer
{
    private readonly ITextRules _rules;
    private readonly ISubwordModel _model;
    private readonly AddedTokens _raw;
    private readonly AddedTokens _normalized;
    private readonly TokenizerFrame _frame;

    internal SubwordTokenizer(ITextRules rules, ISubwordModel model, IReadOnlyList<AddedToken> added, TokenizerFrame frame)
    {
        (_rules, _model, _frame) = (rules, model, frame);
        _raw = new AddedTokens(added.Where(t => !t.Normalized));
        _normalized = new AddedTokens(added.Where(t => t.Normalized).Select(t => t with { Content = rules.Normalize(t.Content) }));
        Count = Math.Max(model.Vocabulary.Count, added.Select(t => t.Id + 1).DefaultIfEmpty().Max());
    }

    /// <summary>How many numbers there are.</summary>
    public int Count { get; }

    /// <summary>The most pieces a text should have, as the tokenizer's files say; null when they do not.</summary>
    public int? Longest => _frame.Longest;

    /// <summary>The number that fills up shorter texts of a batch.</summary>
    public int Padding => _frame.Padding;

    /// <summary>The number of a word that cannot be cut into pieces.</summary>
    public int Unknown => _frame.Unknown;

    /// <summary>Numbers the pieces of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most pieces, what begins and ends a text included; pieces beyond are dropped from the text's end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for what begins and ends a text.</exception>
    public TokenizedText Encode(string text, int longest = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, _frame.Before.Count + _frame.After.Count);
        var (ids, wordOf, words) = (new List<int>(_frame.Before), new List<int>(), new List<string>());
        foreach (var (part, token) in _raw.Cut(text))
        {
            if (token is not null)
            {
                AddToken(token);
                continue;
            }

            foreach (var (stretch, found) in _normalized.Cut(_rules.Normalize(part)))
            {
                if (found is not null) AddToken(found);
                else
                    foreach (var word in _rules.Split(stretch)) AddWord(word);
            }
        }

        var dropped = Math.Max(0, ids.Count + _frame.After.Count - longest);
        ids.RemoveRange(ids.Count - dropped, dropped);
        Fill(wordOf, ids.Count, -1);
        wordOf.RemoveRange(ids.Count, wordOf.Count - ids.Count);
        ids.AddRange(_frame.After);
        Fill(wordOf, ids.Count, -1);
        return new TokenizedText(ids, wordOf, words, dropped);

        void AddWord(string word)
        {
            Fill(wordOf, ids.Count, -1);
            _model.Split(word, ids);
            Fill(wordOf, ids.Count, words.Count);
            words.Add(word);
        }

        void AddToken(AddedToken token)
        {
            Fill(wordOf, ids.Count, -1);
            ids.Add(token.Id);
            if (token.Special) return;
            Fill(wordOf, ids.Count, words.Count);
            words.Add(token.Content);
        }
    }

    /// <summary>Numbers the pieces of several texts, shorter ones filled up at their end.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="longest">The most pieces a text may have.</param>
    /// <returns>Numbers <c>[B, N]</c>, N being the longest text's, and which of them are real.</returns>
    /// <exception cref="ArgumentException">There is no text, or no room for what begins and ends one.</exception>
    public (Tensor Ids, Mask Mask) EncodeBatch(IReadOnlyList<string> texts, int longest = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count == 0) throw new ArgumentException("SubwordTokenizer: there is no text", nameof(texts));
        var rows = texts.Select(t => Encode(t, longest).Ids).ToArray();
        var width = rows.Max(r => r.Count);
        var ids = Tensor.Full([rows.Length, width], Padding);
        var real = new bool[rows.Length * width];
        for (var row = 0; row < rows.Length; row++)
            for (var i = 0; i < rows[row].Count; i++) (ids[row, i], real[row * width + i]) = (rows[row][i], true);
        return (ids, Mask.Allowed(real, [rows.Length, 1, 1, width]));
    }

    /// <summary>How a piece is written in the vocabulary; null when it has none of that number.</summary>
    public string? Piece(int id) => _model.Vocabulary.Piece(id);

    private static void Fill(List<int> wordOf, int count, int word)
    {
        while (wordOf.Count < count) wordOf.Add(word);
    }
}
