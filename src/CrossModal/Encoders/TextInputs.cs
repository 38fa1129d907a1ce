using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Language;

namespace CrossModal.Encoders;

/// <summary>The instructions of a batch as a policy's input, written anew for every batch and given to a recorded pass.</summary>
/// <remarks>Numbers of words, states of a frozen encoder, or, of an encoder that is tuned, pieces from which the pass computes the states:
/// there gradients flow into the encoder.</remarks>
internal sealed class TextInputs
{
    private readonly WordTokenizer _tokenizer;
    private readonly Tensor _words;
    private readonly Tensor _scores;
    private readonly TextEncoder? _tuned;
    private readonly Tensor? _pieces;
    private readonly Tensor? _pieceScores;
    private readonly Tensor? _shares;

    /// <summary>Memory for a batch.</summary>
    /// <param name="tokenizer">Cuts and numbers instructions.</param>
    /// <param name="texts">B, instructions.</param>
    /// <param name="mostWords">Nl, the most words of one.</param>
    public TextInputs(WordTokenizer tokenizer, int texts, int mostWords)
    {
        // A piece is a part of a word; instructions have few words of more than two, and what begins and ends a text is two more.
        const int PiecesOfWord = 2, Frame = 2;
        _tokenizer = tokenizer;
        _words = Tensor.Zeros(tokenizer.InputShape(texts, mostWords));
        _scores = Tensor.Zeros([texts, 1, 1, mostWords]);
        if (tokenizer.Encoder is not TextEncoder { Tuned: true } tuned) return;
        var pieces = Math.Min(tuned.Longest, PiecesOfWord * mostWords + Frame);
        (_tuned, _pieces) = (tuned, Tensor.Zeros([texts, pieces]));
        (_pieceScores, _shares) = (Tensor.Zeros([texts, 1, 1, pieces]), Tensor.Zeros([texts, mostWords, pieces]));
    }

    /// <summary>Which words are real.</summary>
    public Mask Mask => field ??= Mask.Additive(_scores);

    /// <summary>Numbers of words <c>[B, Nl]</c> or states <c>[B, Nl, e]</c> of an encoder that is not tuned.</summary>
    public Tensor Given => _words;

    /// <summary>Writes instructions.</summary>
    /// <exception cref="ShapeException">One has no word, too many words, or too many pieces.</exception>
    public void Fill(IReadOnlyList<string> texts)
    {
        _tokenizer.EncodeBatch(texts, _words, _scores);
        if (_tuned is null) return;
        var (words, most) = (_shares!.Shape[1], _pieces!.Shape[1]);
        _pieces.Span.Clear();
        _pieceScores!.Span.Fill(float.NegativeInfinity);
        _shares.Span.Clear();
        for (var b = 0; b < texts.Count; b++)
        {
            if (texts[b] == WordTokenizer.Unknown)
            {
                // The one word has no piece: its state is 0.
                _pieceScores.Span[b * most] = 0;
                continue;
            }

            var pieces = _tuned.Pieces(texts[b]);
            if (pieces.Ids.Count > most)
                throw new ShapeException("TextInputs", $"the instruction '{texts[b]}' has {pieces.Ids.Count} pieces, at most {most} fit");
            var counts = pieces.WordOf.Where(word => word >= 0).CountBy(word => word).ToDictionary();
            for (var i = 0; i < pieces.Ids.Count; i++)
            {
                (_pieces[b, i], _pieceScores.Span[b * most + i]) = (pieces.Ids[i], 0);
                if (pieces.WordOf[i] is >= 0 and var word) _shares.Span[(b * words + word) * most + i] = 1f / counts[word];
            }
        }
    }

    /// <summary>Numbers of words <c>[B, Nl]</c>, or states <c>[B, Nl, e]</c>.</summary>
    public Tensor Words(Pass pass) => _tuned is null ? _words
        : pass.MatMul(_shares!, _tuned.Forward(_pieces!, Mask.Additive(_pieceScores!), pass));
}
