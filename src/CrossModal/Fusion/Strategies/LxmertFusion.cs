using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Cross-modality layers in a row, as LXMERT's: both streams attend to each other with one set of weights, then to themselves
/// (Tan and Bansal 2019).</summary>
/// <remarks>Parts are normalised before, not after as published: that trains from scratch. <c>Models/Lxmert.cs</c> is the model
/// itself.</remarks>
/// <param name="options">Sizes.</param>
/// <param name="random">Source of the first weights.</param>
internal sealed class LxmertFusion(FusionOptions options, RandomSource random)
    : TwoStreamFusion<LxmertLayer>(options, () => new LxmertLayer(options.Transformer, random, options.VisionVariant))
{
    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("lxmert", "LXMERT",
        "LXMERT: both directions attend with shared weights, then each to itself",
        (o, r) => new LxmertFusion(o, r))
    { Attends = VisionAttention.Words };
}
