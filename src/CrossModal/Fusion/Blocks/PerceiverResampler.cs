using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The sizes of a resampler.</summary>
/// <param name="Width">Width d of visual tokens and latents.</param>
/// <param name="Latents">Number of latents M: the tokens that come out.</param>
/// <param name="Depth">Number of layers.</param>
internal sealed record ResamplerOptions(int Width, int Latents = 64, int Depth = 6)
{
    /// <summary>Number of heads.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of a head; need not be a part of d.</summary>
    public int HeadWidth { get; init; } = 64;

    /// <summary>Width inside feed-forward networks.</summary>
    public int Hidden { get; init; } = 4 * Width;

    /// <summary>The most media distinguished by a learned mark; null for no marks.</summary>
    public int? Media { get; init; }

    /// <summary>The most frames of a medium distinguished by a learned mark; null for no marks.</summary>
    public int? Frames { get; init; }
}

/// <summary>Any number of visual tokens becomes a fixed few: learned latents attend, layer by layer, to the tokens and to each other
/// (Alayrac et al. 2022, Flamingo, section 3.1.1 and figure 5).</summary>
/// <remarks>Keys and values are made of tokens and latents joined, each with a norm of its own; no projection has a bias. As open_flamingo
/// and lucidrains' flamingo-pytorch compute it; both store keys and values as one matrix. With another way to attend latents stand before
/// the tokens, as words do, and are attended to by all.</remarks>
internal sealed class PerceiverResampler : Module
{
    private readonly Tensor _latents;
    private readonly Tensor? _frames;
    private readonly Tensor? _media;
    private readonly ModuleList<Layer> _layers;
    private readonly LayerNorm _norm;

    /// <summary>Makes the resampler.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="variant">Another way for latents to attend to tokens than softmax over all; null for that.</param>
    public PerceiverResampler(ResamplerOptions options, RandomSource random, AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, options.Width], random));
        if (options.Frames is { } frames) _frames = AddParameter("frame_embeddings", Tensor.Normal([frames, options.Width], random));
        if (options.Media is { } media) _media = AddParameter("media_embeddings", Tensor.Normal([media, 1, options.Width], random));
        _layers = Add("layers", new ModuleList<Layer>(options.Depth, _ => new Layer(options, random, variant)));
        LatentsFirst = variant is not null;
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Number of latents M.</summary>
    public int Latents => _latents.Shape[0];

    /// <summary>Whether weights have the latents before the tokens.</summary>
    internal bool LatentsFirst { get; }

    /// <summary>The latents of every medium.</summary>
    /// <param name="media">Tokens of the frames of media, <c>[B, T, F, N, d]</c>.</param>
    /// <param name="pass">The pass; its trace receives weights <c>[B·T, H, M, F·N + M]</c>, M + F·N with another way to attend.</param>
    /// <returns><c>[B, T, M, d]</c>.</returns>
    /// <exception cref="ShapeException">The shape has other axes, or there are more media or frames than marks.</exception>
    public Tensor Forward(Tensor media, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(media);
        var width = _latents.Shape[1];
        if (media.Shape.Rank != 5 || media.Shape[4] != width)
            throw new ShapeException("PerceiverResampler", $"needs [B, T, F, N, {width}], got {media.Shape}");
        var (batch, count, frames, tokens) = (media.Shape[0], media.Shape[1], media.Shape[2], media.Shape[3]);
        if (_frames is not null) media = pass.Add(media, pass.Reshape(Marks(_frames, frames, "frames", pass), [frames, 1, width]));
        media = pass.Reshape(media, [batch, count, frames * tokens, width]);
        if (_media is not null) media = pass.Add(media, Marks(_media, count, "media", pass));
        var latents = Resample(new Tokens(pass.Reshape(media, [batch * count, frames * tokens, width])), pass);
        return pass.Reshape(latents, [batch, count, Latents, width]);
    }

    /// <summary>Fewer tokens: the tokens of one medium, with padding, <c>[B, N, d] → [B, M, d]</c>.</summary>
    /// <remarks>The latents of a sample whose tokens are all padding are padding. Marks of media and frames are not used.</remarks>
    /// <exception cref="ShapeException">The width is another.</exception>
    public Tokens Reduce(Tokens tokens, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        tokens.Check("PerceiverResampler", "tokens", _latents.Shape[1]);
        var latents = Resample(tokens, pass);
        if (tokens.Mask is null) return new Tokens(latents);
        var seen = pass.Max(tokens.Mask.Presence(pass), axis: 1, keepAxis: true);
        return new Tokens(latents, Mask.FromPresence(pass.Expand(seen, [tokens.Batch, Latents, 1]), pass));
    }

    private Tensor Resample(Tokens tokens, Pass pass)
    {
        var latents = new Tokens(pass.Expand(_latents, [tokens.Batch, Latents, _latents.Shape[1]])).Of(TokenKind.Latents);
        Tokens[] seen = LatentsFirst ? [latents, tokens] : [tokens, latents];
        var mask = Mask.Join([.. seen.Select(part => (part.Mask, part.Batch, part.Count))], pass);
        var sides = new AttentionSides(latents.Content, Tokens.Contents(seen));
        var x = latents.Values;
        foreach (var layer in _layers) x = layer.Forward(tokens.Values, x, mask, pass, sides);
        return _norm.Forward(x, pass);
    }

    private static Tensor Marks(Tensor table, int count, string of, Pass pass) =>
        count <= table.Shape[0]
            ? pass.Slice(table, 0, 0, count)
            : throw new ShapeException("PerceiverResampler", $"{count} {of} are more than the {table.Shape[0]} that are marked");

    /// <summary>Latents attend to tokens and latents, then a feed-forward network.</summary>
    private sealed class Layer : Module
    {
        private readonly bool _latentsFirst;
        private readonly LayerNorm _mediaNorm;
        private readonly LayerNorm _latentNorm;
        private readonly MultiHeadAttention _attention;
        private readonly LayerNorm _feedForwardNorm;
        private readonly FeedForward _feedForward;

        public Layer(ResamplerOptions options, RandomSource random, AttentionVariant? variant)
        {
            _latentsFirst = variant is not null;
            _mediaNorm = Add("media_norm", new LayerNorm(options.Width));
            _latentNorm = Add("latent_norm", new LayerNorm(options.Width));
            _attention = Add("attn", new MultiHeadAttention(new AttentionOptions(options.Width, options.Heads)
            {
                Widths = new AttentionWidths { Head = options.HeadWidth },
                Biases = AttentionBiases.None,
                Variant = variant,
            }, random));
            _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width));
            _feedForward = Add("feed_forward", new FeedForward(options.Width, options.Hidden, random, bias: false));
        }

        public Tensor Forward(Tensor tokens, Tensor latents, Mask? mask, Pass pass, AttentionSides sides)
        {
            var asked = _latentNorm.Forward(latents, pass);
            var media = _mediaNorm.Forward(tokens, pass);
            var seen = _latentsFirst ? pass.Concat(1, asked, media) : pass.Concat(1, media, asked);
            var x = pass.Add(latents, _attention.Forward(asked, seen, seen, mask, pass, sides));
            return pass.Add(x, _feedForward.Forward(_feedForwardNorm.Forward(x, pass), pass));
        }
    }
}
