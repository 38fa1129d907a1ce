using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>What can be chosen about a block of queries.</summary>
/// <param name="Attention">Sizes and choices of the attention; the width is that of the queries.</param>
/// <param name="Hidden">Width inside the feed-forward network.</param>
internal sealed record QueryBlockOptions(AttentionOptions Attention, int Hidden)
{
    /// <summary>Whether the feed-forward network is gated (GEGLU); its function is then GELU.</summary>
    public bool Gated { get; init; }

    /// <summary>The function inside the feed-forward network.</summary>
    public ActivationFunction Activation { get; init; } = ActivationFunction.Gelu;

    /// <summary>Whether what was fetched is added to the queries; without, the queries only ask.</summary>
    public bool Residual { get; init; } = true;

    /// <summary>Whether a feed-forward network follows.</summary>
    public bool FeedForward { get; init; } = true;

    /// <summary>Share dropped in training of what each part adds.</summary>
    public float Dropout { get; init; }

    /// <summary>Added to the variance in normalisation.</summary>
    public float Epsilon { get; init; } = 1e-5f;
}

/// <summary>Queries attend to a context of another width, both normalised, or to each other; then a feed-forward network. Each adds to the
/// queries (Jaegle et al. 2022, Perceiver IO, section 3.2).</summary>
/// <remarks>The block of Perceiver, Perceiver IO and LAVA. The norm of the queries has no part in what is added to.</remarks>
internal sealed class QueryBlock : Module
{
    private readonly QueryBlockOptions _options;
    private readonly LayerNorm _norm;
    private readonly LayerNorm? _contextNorm;
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm? _feedForwardNorm;
    private readonly Func<Tensor, Pass, Tensor>? _feedForward;

    /// <summary>Makes the block.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="context">Whether there is a context; without, queries attend to each other.</param>
    /// <param name="random">Source of the first weights.</param>
    public QueryBlock(QueryBlockOptions options, bool context, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var width = options.Attention.Width;
        _norm = Add("norm", new LayerNorm(width, options.Epsilon));
        if (context) _contextNorm = Add("context_norm", new LayerNorm(options.Attention.Widths.Key ?? width, options.Epsilon));
        _attention = Add("attn", new MultiHeadAttention(options.Attention, random));
        if (!options.FeedForward) return;
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(width, options.Epsilon));
        _feedForward = options.Gated
            ? Add("feed_forward", new GatedFeedForward(width, options.Hidden, random)).Forward
            : Add("feed_forward", new FeedForward(width, options.Hidden, random, options.Activation)).Forward;
    }

    /// <summary>The queries after the block.</summary>
    /// <param name="queries">Queries <c>[B, Nq, d]</c>.</param>
    /// <param name="context">What they attend to, <c>[B, Nk, dk]</c>; null when they attend to each other.</param>
    /// <param name="mask">Which keys may be attended, or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What queries and keys are; null when that is not known.</param>
    /// <returns><c>[B, Nq, d]</c>.</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or there is a context where none was planned or the other way round.</exception>
    public Tensor Forward(Tensor queries, Tensor? context, Mask? mask, Pass pass, AttentionSides? sides = null)
    {
        if (context is null != _contextNorm is null)
            throw new ShapeException("QueryBlock", context is null ? "needs a context to attend to" : "was made without a context");
        var asked = _norm.Forward(queries, pass);
        var seen = context is null ? asked : _contextNorm!.Forward(context, pass);
        var x = pass.Dropout(_attention.Forward(asked, seen, seen, mask, pass, sides), _options.Dropout);
        if (_options.Residual) x = pass.Add(queries, x);
        return _feedForward is null ? x : pass.Add(x, pass.Dropout(_feedForward(_feedForwardNorm!.Forward(x, pass), pass),
            _options.Dropout));
    }
}
