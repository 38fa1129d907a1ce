using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Layers of co-attention in a row.</summary>
/// <remarks>The textbook's has one layer and no feed-forward network (<see cref="TextbookCoAttention"/>), though its table lists four
/// layers.</remarks>
/// <param name="options">Sizes.</param>
/// <param name="random">Source of the first weights.</param>
public sealed class CoAttentionTransformer(FusionOptions options, RandomSource random)
    : TwoStreamFusion<CoAttentionLayer>(options, () => new CoAttentionLayer(options.Transformer, random, options.VisionVariant))
{
    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("co-attention", "Co-Attention",
        "words attend to visual tokens while those attend to words",
        (o, r) => new CoAttentionTransformer(o, r))
    { Attends = VisionAttention.Words };
}
