using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The textbook's CrossModalFusionNetwork read literally: its blocks in a row. The sound one is
/// <see cref="CrossModalTransformer"/>.</summary>
public sealed class TextbookNetwork : FusionStrategy
{
    private readonly ModuleList<TextbookBlock> _layers;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("textbook-network", "The textbook's network, to the letter",
        "the textbook's network, read literally",
        (o, r) => new TextbookNetwork(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="activation">The function of the feed-forward network.</param>
    public TextbookNetwork(FusionOptions options, RandomSource random, ActivationFunction activation = ActivationFunction.Gelu)
        : base(options) =>
        _layers = Add("layers", new ModuleList<TextbookBlock>(options.Layers, _ => new TextbookBlock(options, activation, random)));

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        var words = input.Language.Values;
        foreach (var layer in _layers) words = layer.Forward(words, vision, pass, input.Language.Attending(vision));
        return new FusionOutput(input.Language with { Values = words });
    }
}
