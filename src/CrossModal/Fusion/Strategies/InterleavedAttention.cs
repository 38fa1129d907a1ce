using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Layers by turns: in one, words attend to the visual tokens, in the next, to each other (Shukor et al. 2025, the action
/// expert of SmolVLA).</summary>
/// <remarks>The paper's: one attention and one feed-forward network in each layer, cross and self by turns. Ours: the words take the place
/// of the action tokens, their self-attention is not causal, and visual tokens are the policy's own in place of a language model's keys and
/// values. Beside <see cref="CrossModalTransformer"/>, which has both in every layer: here half of the attentions are of either
/// kind.</remarks>
internal sealed class InterleavedAttention : FusionStrategy
{
    private readonly ModuleList<Module> _layers;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("interleaved", "Cross- and self-attention by turns",
        "SmolVLA's expert: words attend to visual tokens in one layer and to each other in the next",
        (o, r) => new InterleavedAttention(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; the first of <see cref="FusionOptions.Layers"/> is cross-attention.</param>
    /// <param name="random">Source of the first weights.</param>
    public InterleavedAttention(FusionOptions options, RandomSource random)
        : base(options)
    {
        _layers = Add("layers", new ModuleList<Module>(options.Layers, i => i % 2 == 0
            ? new CrossModalBlock(options.Transformer, selfAttention: false, random, options.VisionVariant)
            : new TransformerEncoderLayer(options.Transformer, random)));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        foreach (var layer in _layers)
        {
            language = language with
            {
                Values = layer is CrossModalBlock cross ? cross.Forward(language, vision, pass)
                    : ((TransformerEncoderLayer)layer).Forward(language.Values, language.Mask, pass, language.Attending(language)),
            };
        }

        return new FusionOutput(language with { Values = _norm.Forward(language.Values, pass) });
    }
}
