using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Cross-attention the other way round: each visual token attends to the words and fetches what it finds, block after
/// block.</summary>
/// <remarks>The textbook's question about the direction of attention: what comes out is as many tokens as there are patches, and the words
/// decide what each of them becomes. Visual tokens do not attend to each other.</remarks>
internal sealed class ReversedCrossAttention : FusionStrategy
{
    private readonly ModuleList<CrossModalBlock> _layers;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("cross-attention-reversed", "Cross-Attention, vision to language",
        "visual tokens attend to words",
        (o, r) => new ReversedCrossAttention(o, r));

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of blocks.</param>
    /// <param name="random">Source of the first weights.</param>
    public ReversedCrossAttention(FusionOptions options, RandomSource random)
        : base(options)
    {
        _layers = Add("layers", new ModuleList<CrossModalBlock>(options.Layers, _ =>
            new CrossModalBlock(options.Transformer, selfAttention: false, random)));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to visual tokens <c>[B, Nv, d]</c> of all views.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        foreach (var layer in _layers) vision = vision with { Values = layer.Forward(vision, input.Language, pass) };
        return new FusionOutput(vision with { Values = _norm.Forward(vision.Values, pass) });
    }
}
