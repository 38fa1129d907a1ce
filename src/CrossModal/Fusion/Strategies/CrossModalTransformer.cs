using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Blocks of cross-attention in a row, every block attending to the same visual tokens. The textbook's CrossModalFusionNetwork,
/// made sound.</summary>
public sealed class CrossModalTransformer : FusionStrategy
{
    private readonly ModuleList<CrossModalBlock> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>Cross-attention as this library recommends it.</summary>
    public static StrategyDescription Description { get; } = new("cross-attention", "Cross-Attention",
        "blocks in which words attend to each other, then to visual tokens",
        (o, r) => new CrossModalTransformer(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>The same with normalisation after each part.</summary>
    public static StrategyDescription PostNormDescription { get; } = new("cross-attention-post-norm", "Cross-Attention, normalised after",
        "the same, normalised after each part",
        (o, r) => new CrossModalTransformer(o, r, norm: NormPlacement.After))
    { Attends = VisionAttention.Words };

    /// <summary>The same without attention between words.</summary>
    public static StrategyDescription WordsApartDescription { get; } = new("cross-attention-words-apart", "Cross-Attention, words apart",
        "the same without attention between words",
        (o, r) => new CrossModalTransformer(o, r, selfAttention: false))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of blocks.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="selfAttention">Whether words attend to each other in every block.</param>
    /// <param name="norm">Where blocks normalise; when before, the result is normalised once more.</param>
    public CrossModalTransformer(FusionOptions options, RandomSource random, bool selfAttention = true,
        NormPlacement norm = NormPlacement.Before)
        : base(options)
    {
        var transformer = options.Transformer with { Norm = norm };
        _layers = Add("layers", new ModuleList<CrossModalBlock>(options.Layers, _ =>
            new CrossModalBlock(transformer, selfAttention, random, options.VisionVariant)));
        if (norm == NormPlacement.Before) _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        var language = input.Language;
        foreach (var layer in _layers) language = language with { Values = layer.Forward(language, vision, pass) };
        return new FusionOutput(_norm is null ? language : language with { Values = _norm.Forward(language.Values, pass) });
    }
}
