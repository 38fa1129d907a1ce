using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The whole instruction, as one vector, attends to the visual tokens, layer after layer (Lynch et al. 2022, Interactive Language:
/// LAVA).</summary>
/// <remarks>x = L + drop(attention(norm L, norm V)), then x + drop(ffn(norm x)), the network inside as wide as the tokens, with ReLU. The
/// vector is the mean word at unit length in place of LAVA's frozen CLIP embedding, so there is no map for a single word.</remarks>
internal sealed class LavaFusion : FusionStrategy
{
    private readonly Linear _text;
    private readonly Linear _image;
    private readonly LavaBlocks _blocks;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("lava", "LAVA",
        "the whole instruction, as one vector, attends to visual tokens, layer after layer",
        (o, r) => new LavaFusion(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; the hidden width is not used.</param>
    /// <param name="random">Source of the first weights.</param>
    public LavaFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _text = Add("text", new Linear(Width, Width, random));
        _image = Add("image", new Linear(Width, Width, random));
        _blocks = Add("blocks", new LavaBlocks(options, random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        var scale = MathF.Sqrt(Width);
        var query = pass.Scale(_text.Forward(pass.L2Normalize(input.Language.Mean(pass)), pass), scale);
        var seen = pass.Scale(_image.Forward(vision.Values, pass), scale);
        var asked = new Tokens(pass.Reshape(query, [vision.Batch, 1, Width]))
        {
            Content = [
            new TokenRun(TokenKind.Made, 1) { Of = Tokens.Contents([input.Language]) }]
        };
        return new FusionOutput(new Tokens(_blocks.Forward(asked, vision with { Values = seen }, pass)));
    }
}

/// <summary>LAVA's layers: queries attend to visual tokens, again and again; the result is normalised.</summary>
internal sealed class LavaBlocks : Module
{
    // flax's LayerNorm.
    internal const float Epsilon = 1e-6f;
    private readonly ModuleList<QueryBlock> _layers;
    private readonly LayerNorm _norm;

    /// <summary>Makes the layers.</summary>
    /// <param name="options">Width, heads, layers and dropout.</param>
    /// <param name="random">Source of the first weights.</param>
    public LavaBlocks(FusionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        var block = Block(options.Width, options.Heads, options.Dropout);
        block = block with { Attention = block.Attention with { Variant = options.VisionVariant } };
        _layers = Add("layers", new ModuleList<QueryBlock>(options.Layers, _ => new QueryBlock(block, context: true, random)));
        _norm = Add("norm", new LayerNorm(options.Width, Epsilon));
    }

    /// <summary>Cross-attention: <c>[B, Nq, d], [B, Nv, d] → [B, Nq, d]</c>.</summary>
    /// <param name="queries">Queries.</param>
    /// <param name="vision">Visual tokens.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tokens queries, Tokens vision, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(vision);
        var x = queries.Values;
        foreach (var layer in _layers) x = layer.Forward(x, vision.Values, vision.Mask, pass, queries.Attending(vision));
        return _norm.Forward(x, pass);
    }

    /// <summary>A layer of LAVA: the network inside is as wide as the tokens, with ReLU; weights of attention are not dropped.</summary>
    internal static QueryBlockOptions Block(int width, int heads, float dropout) => new(new AttentionOptions(width, heads), width)
    {
        Activation = ActivationFunction.Relu,
        Dropout = dropout,
        Epsilon = Epsilon,
    };
}
