using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Before each layer over the words, words attend to the visual tokens themselves through gates that start closed (Alayrac et al.
/// 2022, Flamingo, section 3.1.2, without its resampler).</summary>
/// <remarks>The paper's: the gated layer, tanh of a learned number from 0, before every layer. Ours: there are no latents in between, so
/// that what the gates do is measured apart from what latents do (<see cref="FlamingoFusion"/>).</remarks>
internal sealed class GatedCrossAttentionFusion : FusionStrategy
{
    private readonly GatedLayers _layers;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("gated-cross-attention", "Gated cross-attention in every layer",
        "words attend to visual tokens through gates that start closed, before every layer over the words",
        (o, r) => new GatedCrossAttentionFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.InitialGate"/> is where gates start.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public GatedCrossAttentionFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _layers = new GatedLayers(nameof(GatedCrossAttentionFusion), options, options.VisionVariant, random);
        Add("gated", _layers.Gated);
        Add("language", _layers.Language);
        Add("norm", _layers.Norm);
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass) =>
        new(_layers.Forward(input.Language, input.JoinViews(pass), pass));
}
