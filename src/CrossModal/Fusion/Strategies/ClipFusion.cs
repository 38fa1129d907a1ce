using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Two towers that meet late: words among themselves, visual tokens among themselves, each pooled to one embedding, then the two
/// embeddings and their product side by side (Radford et al. 2021, CLIP, as a fusion).</summary>
/// <remarks>No word attends to a patch: what is encoded of the picture does not depend on the instruction and has to pass through one
/// vector. A baseline for what early fusion gains. Another way to attend is how visual
/// tokens attend to each other (<see cref="VisionOptions.Attention"/>). Embeddings are normalised by layer normalisation in the place of
/// unit length, which is steady for a sample without words. <c>Models/Clip.cs</c> is the model itself.</remarks>
internal sealed class ClipFusion : FusionStrategy
{
    private readonly TwoTowers _towers;
    private readonly LayerNorm _languageNorm;
    private readonly LayerNorm _visionNorm;
    private readonly Perceptron _join;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("clip", "CLIP",
        "CLIP: two towers that meet as two embeddings; no word attends to a patch",
        (o, r) => new ClipFusion(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of layers of each tower.</param>
    /// <param name="random">Source of the first weights.</param>
    public ClipFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        var width = options.Width;
        _towers = new TwoTowers(options, random);
        Add("language", _towers.Language);
        Add("vision", _towers.Vision);
        Add("text_projection", _towers.LanguageProjection);
        Add("visual_projection", _towers.VisionProjection);
        _languageNorm = Add("language_norm", new LayerNorm(width));
        _visionNorm = Add("vision_norm", new LayerNorm(width));
        _join = Add("join", new Perceptron([3 * width, options.Hidden, width], random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var text = _languageNorm.Forward(_towers.LanguageProjection.Forward(Pool(_towers.Language, input.Language, pass), pass), pass);
        var image = _visionNorm.Forward(_towers.VisionProjection.Forward(Pool(_towers.Vision, input.JoinViews(pass), pass), pass), pass);
        var joined = _join.Forward(pass.Concat(1, text, image, pass.Multiply(text, image)), pass);
        return new FusionOutput(new Tokens(pass.Reshape(joined, [joined.Shape[0], 1, Width])));
    }

    private static Tensor Pool(TransformerEncoder tower, Tokens tokens, Pass pass) =>
        TwoTowers.Encoded(tower, tokens, pass).Mean(pass);
}
