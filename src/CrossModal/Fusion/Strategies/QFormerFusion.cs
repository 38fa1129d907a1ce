using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Learned queries that read the words and fetch from the image what the words ask for (Li et al. 2023, BLIP-2's
/// Q-Former).</summary>
/// <remarks>Beside <see cref="Perceiver"/>, whose latents attend to words and image through one attention: here queries and words form one
/// sequence, and only queries attend to the image, in every second layer as published. Parts are normalised before, not after as published:
/// that trains from scratch. <c>Models/QFormer.cs</c> is the model itself.</remarks>
internal sealed class QFormerFusion : FusionStrategy
{
    private const int CrossAttentionFrequency = 2;
    private readonly Tensor _queries;
    private readonly ModuleList<QFormerLayer> _layers;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("q-former", "Q-Former",
        "BLIP-2's Q-Former: queries attend to the words and fetch from visual tokens",
        (o, r) => new QFormerFusion(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Latents"/> is the number of queries M.</param>
    /// <param name="random">Source of the first weights.</param>
    public QFormerFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _queries = AddParameter("query_tokens", Tensor.Normal([options.Latents, options.Width], random, 0.02f));

        // What the last layer makes of the words, nobody reads.
        _layers = Add("layers", new ModuleList<QFormerLayer>(options.Layers, i => new QFormerLayer(options.Transformer, random,
            i % CrossAttentionFrequency == 0 ? options.Width : null, text: i < options.Layers - 1, options.VisionVariant)));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to queries <c>[B, M, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        var queries = pass.Expand(_queries, [input.Language.Batch, _queries.Shape[0], Width]);
        Tokens? text = input.Language;
        foreach (var layer in _layers) (queries, text) = layer.Forward(queries, text, vision, pass);
        return new FusionOutput(new Tokens(_norm.Forward(queries, pass)));
    }
}
