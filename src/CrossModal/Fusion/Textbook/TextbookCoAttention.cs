using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>The textbook's CoAttention read literally: two cross-modal attentions, one in each direction, once.</summary>
public sealed class TextbookCoAttention : FusionStrategy
{
    private readonly CrossModalAttention _languageToVision;
    private readonly CrossModalAttention _visionToLanguage;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("textbook-co-attention", "The textbook's co-attention, to the letter",
        "the textbook's co-attention, read literally",
        (o, r) => new TextbookCoAttention(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; layers are not used.</param>
    /// <param name="random">Source of the first weights.</param>
    public TextbookCoAttention(FusionOptions options, RandomSource random)
        : base(options)
    {
        _languageToVision = Add("language_to_vision", new CrossModalAttention(options, random));
        _visionToLanguage = Add("vision_to_language", new CrossModalAttention(options.WithDenseAttention, random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>, and <c>vision</c> <c>[B, Nv, d]</c> by
    /// name.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        return new FusionOutput(language with
        {
            Values = _languageToVision.Attend(language.Values, vision, pass,
            language.Attending(vision))
        },
            new Dictionary<string, Tensor>
            {
                ["vision"] = _visionToLanguage.Attend(vision.Values, language, pass,
                vision.Attending(language))
            });
    }
}
