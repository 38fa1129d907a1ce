using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Cross-modality layers in a row, as LXMERT's: both streams look at each other with one set of weights, then at themselves
/// (Tan and Bansal 2019).</summary>
/// <remarks>Parts are normalised before, not after as published: that trains from scratch. <c>Models/Lxmert.cs</c> is the model itself.</remarks>
public sealed class LxmertFusion : FusionStrategy
{
    private readonly ModuleList<LxmertLayer> _layers;
    private readonly LayerNorm _languageNorm;
    private readonly LayerNorm _visionNorm;

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public LxmertFusion(FusionOptions options, RandomSource random)
        : base(options.Width)
    {
        _layers = Add("layers", new ModuleList<LxmertLayer>(options.Layers, _ => new LxmertLayer(options.Transformer, random, options.Looking)));
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
