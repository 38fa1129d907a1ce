using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Layers over the words, before each of which words attend to other tokens through a gate (Alayrac et al. 2022, Flamingo, section
/// 3.1.2), and a normalisation at the end. A strategy registers the three parts under names of its own.</summary>
internal sealed class GatedLayers
{
    /// <summary>Makes the layers; weights are drawn in the order gates, layers over the words.</summary>
    /// <param name="strategy">Name of the strategy, for errors.</param>
    /// <param name="options">Sizes, number of layers, and where gates start.</param>
    /// <param name="variant">How words attend; null for softmax over all tokens.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public GatedLayers(string strategy, FusionOptions options, AttentionVariant? variant, RandomSource random)
    {
        var gated = new GatedCrossAttentionOptions(options.Width, options.Width)
        {
            Heads = options.Heads,
            HeadWidth = HeadWidth(strategy, options),
            Hidden = options.Hidden,
            InitialGate = options.InitialGate,
            Variant = variant,
        };
        Gated = new ModuleList<GatedCrossAttention>(options.Layers, _ => new GatedCrossAttention(gated, random));
        Language = new ModuleList<TransformerEncoderLayer>(options.Layers, _ => new TransformerEncoderLayer(options.Transformer, random));
        Norm = new LayerNorm(options.Width);
    }

    /// <summary>The gated attentions.</summary>
    public ModuleList<GatedCrossAttention> Gated { get; }

    /// <summary>The layers over the words.</summary>
    public ModuleList<TransformerEncoderLayer> Language { get; }

    /// <summary>The normalisation at the end.</summary>
    public LayerNorm Norm { get; }

    /// <summary>Width of a head.</summary>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public static int HeadWidth(string strategy, FusionOptions options) => options.Heads > 0 && options.Width % options.Heads == 0
        ? options.Width / options.Heads
        : throw new ShapeException(strategy, $"{options.Heads} heads do not divide a width of {options.Width}");

    /// <summary>Words <c>[B, Nl, d]</c> and the tokens <c>[B, N, d]</c> they attend to, to words <c>[B, Nl, d]</c>.</summary>
    public Tokens Forward(Tokens language, Tokens attended, Pass pass)
    {
        var words = language.Values;
        for (var i = 0; i < Gated.Count; i++)
        {
            words = Gated[i].Forward(words, attended.Values, attended.Mask, pass, language.Attending(attended));
            words = Language[i].Forward(words, language.Mask, pass, language.Attending(language));
        }

        return language with { Values = Norm.Forward(words, pass) };
    }
}
