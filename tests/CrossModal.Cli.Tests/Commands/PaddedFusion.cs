using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>A mistake that is easy to make, for <c>--with</c>: cross-attention that forgets which words are padding.</summary>
public sealed class PaddedFusion : FusionStrategy
{
    private readonly CrossModalTransformer _within;

    private PaddedFusion(FusionOptions options, RandomSource random)
        : base(options) => _within = Add("within", new CrossModalTransformer(options, random));

    public static StrategyDescription Description { get; } = new("padded", "Padded", "cross-attention without the mask of padding",
        (options, random) => new PaddedFusion(options, random))
    { Attends = VisionAttention.Words };

    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _within.Forward(input with { Language = input.Language with { Mask = null } }, pass);
    }
}
