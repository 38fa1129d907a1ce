using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Token numbers as vectors: a learned vector for each word, added to that of its position and of the segment it belongs to,
/// then normalised (Devlin et al. 2019, fig. 2).</summary>
public sealed class TextEmbedding : Module
{
    private readonly Embedding _words;
    private readonly LearnedPositions _positions;
    private readonly Embedding? _segments;
    private readonly LayerNorm? _norm;

    /// <summary>Makes the tables, as BERT starts them: normal with deviation 0.02.</summary>
    /// <param name="vocabulary">Number of words.</param>
    /// <param name="positions">The most tokens there can be.</param>
    /// <param name="width">Width d of a token.</param>
    /// <param name="random">Source of the first values.</param>
    /// <param name="segments">Number of segments; 0 when segments are not told apart.</param>
    /// <param name="epsilon">Added to the variance in normalisation; null when the sum is not normalised.</param>
    public TextEmbedding(int vocabulary, int positions, int width, RandomSource random, int segments = 0, float? epsilon = null)
    {
        _words = Add("words", new Embedding(vocabulary, width, random, 0.02f));
        _positions = Add("positions", new LearnedPositions(positions, width, random));
        if (segments > 0) _segments = Add("segments", new Embedding(segments, width, random, 0.02f));
        if (epsilon is { } given) _norm = Add("norm", new LayerNorm(width, given));
    }

    /// <summary>Token numbers <c>[B, N]</c> to tokens <c>[B, N, d]</c>.</summary>
    /// <param name="words">Token numbers.</param>
    /// <param name="segments">Segment numbers <c>[B, N]</c>; null when all tokens are of segment 0.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A number is outside its table, or there are more tokens than positions.</exception>
    public Tensor Forward(Tensor words, Tensor? segments, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Shape.Rank != 2) throw new ShapeException("TextEmbedding", $"needs token numbers [B, N], got {words.Shape}");
        var x = _words.Forward(words, pass);
        if (_segments is not null) x = pass.Add(x, segments is null ? pass.Slice(_segments.Weight, 0, 0, 1) : _segments.Forward(segments, pass));
        else if (segments is not null) throw new ShapeException("TextEmbedding", "this model does not tell segments apart");
        x = _positions.Forward(x, pass);
        return _norm?.Forward(x, pass) ?? x;
    }
}
