using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>An encoder of words and one of visual tokens that do not attend to each other, each with a projection into a common space
/// (Radford et al. 2021, CLIP). A strategy registers the four parts under names of its own.</summary>
internal sealed class TwoTowers
{
    /// <summary>Makes the towers; weights are drawn in the order words, vision, projection of words, projection of vision.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of layers of each tower.</param>
    /// <param name="random">Source of the first weights.</param>
    public TwoTowers(FusionOptions options, RandomSource random)
    {
        var width = options.Width;
        Language = new TransformerEncoder(options.Layers, options.Transformer, random, finalNorm: true);
        Vision = new TransformerEncoder(options.Layers, options.Transformer, random, finalNorm: true, variant: options.VisionVariant);
        LanguageProjection = new Linear(width, width, random, bias: false);
        VisionProjection = new Linear(width, width, random, bias: false);
    }

    /// <summary>The encoder of words.</summary>
    public TransformerEncoder Language { get; }

    /// <summary>The encoder of visual tokens.</summary>
    public TransformerEncoder Vision { get; }

    /// <summary>The projection of words.</summary>
    public Linear LanguageProjection { get; }

    /// <summary>The projection of visual tokens.</summary>
    public Linear VisionProjection { get; }

    /// <summary>Tokens <c>[B, N, d]</c> that a tower has encoded, before its projection.</summary>
    public static Tokens Encoded(TransformerEncoder tower, Tokens tokens, Pass pass) =>
        tokens with { Values = tower.Forward(tokens.Values, tokens.Mask, pass, tokens.Attending(tokens)) };
}
