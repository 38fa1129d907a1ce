using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Which tables of a text embedding keep row 0 as it is: the number that means padding.</summary>
internal enum PaddingRows
{
    /// <summary>None.</summary>
    None,

    /// <summary>That of the words.</summary>
    Words,

    /// <summary>All of them, so that the first position and the first segment do not learn either.</summary>
    All,
}

/// <summary>Sizes and choices of a text embedding.</summary>
/// <param name="Vocabulary">Number of words.</param>
/// <param name="Positions">The most tokens there can be.</param>
/// <param name="Width">Width d of a token.</param>
internal sealed record TextEmbeddingOptions(int Vocabulary, int Positions, int Width)
{
    /// <summary>Number of segments; 0 when segments are not distinguished.</summary>
    public int Segments { get; init; }

    /// <summary>Added to the variance in normalisation; null when the sum is not normalised.</summary>
    public float? Epsilon { get; init; }

    /// <summary>Which tables keep row 0 as it is.</summary>
    public PaddingRows Padding { get; init; }
}

/// <summary>Token numbers as vectors: a learned vector for each word, added to that of its position and of the segment it belongs to,
/// then normalised (Devlin et al. 2019, fig. 2).</summary>
internal sealed class TextEmbedding : Module
{
    private readonly Embedding _words;
    private readonly LearnedPositions _positions;
    private readonly Embedding? _segments;
    private readonly LayerNorm? _norm;

    /// <summary>Makes the tables, as BERT starts them: normal with deviation 0.02.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first values.</param>
    public TextEmbedding(TextEmbeddingOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (vocabulary, positions, width) = options;
        var rest = options.Padding == PaddingRows.All ? 0 : -1;
        _words = Add("words", new Embedding(vocabulary, width, random, 0.02f, options.Padding == PaddingRows.None ? -1 : 0));
        _positions = Add("positions", new LearnedPositions(positions, width, random, 0.02f, rest));
        if (options.Segments > 0) _segments = Add("segments", new Embedding(options.Segments, width, random, 0.02f, rest));
        if (options.Epsilon is { } epsilon) _norm = Add("norm", new LayerNorm(width, epsilon));
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
        if (_segments is not null)
            x = pass.Add(x, segments is null ? pass.Slice(_segments.Weight, 0, 0, 1) : _segments.Forward(segments, pass));
        else if (segments is not null) throw new ShapeException("TextEmbedding", "this model does not distinguish segments");
        x = _positions.Forward(x, pass);
        return _norm?.Forward(x, pass) ?? x;
    }
}
