using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A layer from which words and vision both come out changed.</summary>
public interface ITwoStreamLayer
{
    /// <summary>Words <c>[B, Nl, d]</c> and vision <c>[B, Nv, d]</c> to the same shapes.</summary>
    (Tokens Language, Tokens Vision) Forward(Tokens language, Tokens vision, Pass pass);
}

/// <summary>Layers in a row between which words and vision stay two streams of their own; each is normalised at the end.</summary>
/// <typeparam name="TLayer">The layer.</typeparam>
public abstract class TwoStreamFusion<TLayer> : FusionStrategy
    where TLayer : Module, ITwoStreamLayer
{
    private readonly ModuleList<TLayer> _layers;
    private readonly LayerNorm _languageNorm;
    private readonly LayerNorm _visionNorm;

    /// <summary>Makes the layers.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="layer">Makes one.</param>
    protected TwoStreamFusion(FusionOptions options, Func<TLayer> layer)
        : base(options)
    {
        _layers = Add("layers", new ModuleList<TLayer>(options.Layers, _ => layer()));
        _languageNorm = Add("language_norm", new LayerNorm(options.Width));
        _visionNorm = Add("vision_norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>, and <c>vision</c> <c>[B, Nv, d]</c> by
    /// name.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        foreach (var layer in _layers) (language, vision) = layer.Forward(language, vision, pass);
        return new FusionOutput(language with { Values = _languageNorm.Forward(language.Values, pass) },
            new Dictionary<string, Tensor> { ["vision"] = _visionNorm.Forward(vision.Values, pass) });
    }
}
