using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Layers of co-attention in a row.</summary>
/// <remarks>The textbook's has one layer and no feed-forward network (<see cref="TextbookCoAttention"/>), though its table lists four layers.</remarks>
public sealed class CoAttention : FusionStrategy
{
    private readonly ModuleList<CoAttentionLayer> _layers;
    private readonly LayerNorm _languageNorm;
    private readonly LayerNorm _visionNorm;

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public CoAttention(FusionOptions options, RandomSource random)
        : base(options.Width)
    {
        _layers = Add("layers", new ModuleList<CoAttentionLayer>(options.Layers, _ => new CoAttentionLayer(options.Transformer, random, options.Looking)));
        _languageNorm = Add("language_norm", new LayerNorm(options.Width));
        _visionNorm = Add("vision_norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>, and <c>vision</c> <c>[B, Nv, d]</c> by name.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        foreach (var layer in _layers) (language, vision) = layer.Forward(language, vision, pass);
        return new FusionOutput(language with { Values = _languageNorm.Forward(language.Values, pass) },
            new Dictionary<string, Tensor> { ["vision"] = _visionNorm.Forward(vision.Values, pass) });
    }
}
