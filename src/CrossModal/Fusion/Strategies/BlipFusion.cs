using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>A text encoder that attends to the image in every layer, with a learned token in the text from which the result is read
/// (Li et al. 2022, BLIP, the image-grounded text encoder and its [Encode] token).</summary>
/// <remarks>Beside <see cref="CrossModalTransformer"/>, whose result is all words: here one token has to collect it, as BLIP's matching
/// head reads it. It stands last, so that words stay where word maps expect them. Parts are normalised before, not after as published:
/// that trains from scratch. <c>Models/Blip.cs</c> is the model itself.</remarks>
internal sealed class BlipFusion : FusionStrategy
{
    private readonly Tensor _encode;
    private readonly TransformerDecoder _encoder;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("blip", "BLIP",
        "BLIP: a text encoder that attends to visual tokens in every layer, read from one token",
        (o, r) => new BlipFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public BlipFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _encode = AddParameter("encode_token", Tensor.Normal([options.Width], random, 0.02f));
        _encoder = Add("encoder", new TransformerDecoder(options.Layers, options.Transformer, random, finalNorm: true,
            variant: options.VisionVariant));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        var text = Tokens.Join([input.Language, new Tokens(pass.Expand(_encode, [input.Language.Batch, 1, Width])).Of(TokenKind.Class)],
            pass);
        var states = _encoder.Forward(text.Values, vision.Values, text.Mask, vision.Mask, pass, text.Attending(vision));
        return new FusionOutput(new Tokens(pass.Slice(states, 1, text.Count - 1, 1)));
    }
}
