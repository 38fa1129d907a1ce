using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Each word attends to the visual tokens and fetches what it finds: LayerNorm(L + attention(L, V, V)). The textbook's
/// CrossModalAttention.</summary>
/// <remarks>Section 23.4: Q = L Wq, K = V Wk, V' = V Wv, softmax(Q Kᵀ/√(d/H)) V' per head. The text has no masks; here words and visual
/// tokens may be padded.</remarks>
public sealed class CrossModalAttention : FusionStrategy
{
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm _norm;
    private readonly float _dropout;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("cross-attention-single", "One cross-attention, no feed-forward",
        "one attention with residual and normalisation, no feed-forward",
        (o, r) => new CrossModalAttention(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; layers and hidden width are not used.</param>
    /// <param name="random">Source of the first weights.</param>
    public CrossModalAttention(FusionOptions options, RandomSource random)
        : base(options)
    {
        _attention = Add("attention", new MultiHeadAttention(new AttentionOptions(options.Width, options.Heads)
        {
            Dropout = options.Dropout,
            Variant = options.VisionVariant
        }, random));
        _norm = Add("norm", new LayerNorm(options.Width));
        _dropout = options.Dropout;
    }

    /// <summary>Queries attend to what is attended: <c>[B, Nq, d], [B, Nk, d] → [B, Nq, d]</c>; either modality may be the
    /// queries.</summary>
    /// <param name="queries">Tokens that attend.</param>
    /// <param name="attended">The tokens to attend to.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What queries and keys are; null when that is not known.</param>
    public Tensor Attend(Tensor queries, Tokens attended, Pass pass, AttentionSides? sides = null)
    {
        ArgumentNullException.ThrowIfNull(attended);
        var fetched = _attention.Forward(queries, attended.Values, attended.Values, attended.Mask, pass, sides);
        return _norm.Forward(pass.Add(queries, pass.Dropout(fetched, _dropout)), pass);
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        return new FusionOutput(input.Language with
        {
            Values = Attend(input.Language.Values, vision, pass,
            input.Language.Attending(vision))
        });
    }

    /// <summary>The textbook's getAttentionWeights as written: scores over the full width, never split into heads, yet divided by
    /// √(head width). The map it shows is one that no forward pass used; kept to show the difference.</summary>
    /// <returns><c>[B, Nl, Nv]</c>.</returns>
    public Tensor TextbookWeights(Tokens language, Tokens vision, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(vision);
        return _attention.UnsplitWeights(language.Values, vision.Values, pass);
    }
}
