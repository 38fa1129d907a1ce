using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Two towers that meet token by token: of every word, the largest agreement with any visual token, channel by channel (Khattab
/// and Zaharia 2020, ColBERT; Yao et al. 2022, FILIP, as a fusion).</summary>
/// <remarks>The papers': towers that do not attend to each other, unit vectors, and the maximum over the other side's tokens. Ours: the
/// maximum is taken of the products of channels before they are summed, for a score alone could tell no policy where to move. Beside
/// <see cref="ClipFusion"/>, whose towers meet as two pooled vectors.</remarks>
internal sealed class LateInteraction : FusionStrategy
{
    private const float Hidden = -1e4f;

    private readonly TwoTowers _towers;
    private readonly Perceptron _join;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("late-interaction", "Late interaction of tokens",
        "FILIP: two towers, of every word the largest agreement with any visual token",
        (o, r) => new LateInteraction(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of layers of each tower.</param>
    /// <param name="random">Source of the first weights.</param>
    public LateInteraction(FusionOptions options, RandomSource random)
        : base(options)
    {
        var width = options.Width;
        _towers = new TwoTowers(options, random);
        Add("language", _towers.Language);
        Add("vision", _towers.Vision);
        Add("text_projection", _towers.LanguageProjection);
        Add("visual_projection", _towers.VisionProjection);
        _join = Add("join", new Perceptron([2 * width, options.Hidden, width], random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        var text = pass.L2Normalize(_towers.LanguageProjection.Forward(TwoTowers.Encoded(_towers.Language, language, pass).Values, pass));
        var image = pass.L2Normalize(_towers.VisionProjection.Forward(TwoTowers.Encoded(_towers.Vision, vision, pass).Values, pass));
        var (batch, words, patches) = (language.Batch, language.Count, vision.Count);
        var products = pass.Multiply(pass.Reshape(text, [batch, words, 1, Width]), pass.Reshape(image, [batch, 1, patches, Width]));
        if (vision.Mask is { } mask)
        {
            // A product of unit vectors lies within ±1: what is padding is far below. With nothing but padding there is no agreement.
            var presence = pass.Reshape(mask.Presence(pass), [batch, 1, patches, 1]);
            products = pass.Add(pass.Multiply(products, presence), pass.Scale(presence, -Hidden, Hidden));
        }

        var best = pass.Max(products, axis: 2); // [B, Nl, Nv, d] -> [B, Nl, d]
        if (vision.Mask is { } some) best = pass.Multiply(best, pass.Max(some.Presence(pass), axis: 1, keepAxis: true));
        return new FusionOutput(language with { Values = _join.Forward(pass.Concat(2, text, pass.Scale(best, MathF.Sqrt(Width))), pass) });
    }
}
