using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Two towers, one for the words and one for the visual tokens, with weights of their own throughout and one attention in common:
/// every token attends to all tokens of both (Black et al. 2024, π0; Liang et al. 2024, mixture of transformers).</summary>
/// <remarks>The papers': projections, norms and feed-forward networks by modality, softmax over all keys of both. Ours: both towers have
/// the same sizes, nothing is masked but padding, and the words take the place of π0's action tokens. Beside
/// <see cref="TokenConcatenation"/>, where all tokens share all weights, and <see cref="CoAttentionTransformer"/>, where neither attends to
/// its own.</remarks>
/// <param name="options">Sizes.</param>
/// <param name="random">Source of the first weights.</param>
internal sealed class JointAttentionFusion(FusionOptions options, RandomSource random)
    : TwoStreamFusion<JointAttentionFusion.Layer>(options, () => new Layer(options, random))
{
    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("joint-attention", "Joint attention of two towers",
        "π0: weights of their own for words and visual tokens, one attention over both",
        (o, r) => new JointAttentionFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>A layer of both towers.</summary>
    internal sealed class Layer : Module, ITwoStreamLayer
    {
        private readonly Tower _language;
        private readonly Tower _vision;

        public Layer(FusionOptions options, RandomSource random)
        {
            _language = Add("language", new Tower(options, random));
            _vision = Add("vision", new Tower(options, random));
        }

        /// <inheritdoc/>
        public (Tokens Language, Tokens Vision) Forward(Tokens language, Tokens vision, Pass pass)
        {
            var (words, patches) = (_language.Project(language, pass), _vision.Project(vision, pass));
            var keys = Tokens.Join([language with { Values = words.Keys }, vision with { Values = patches.Keys }], pass);
            var values = pass.Concat(1, words.Values, patches.Values);
            return (_language.Forward(language, words.Normed, keys, values, pass),
                _vision.Forward(vision, patches.Normed, keys, values, pass));
        }
    }

    /// <summary>One modality's part of a layer.</summary>
    private sealed class Tower : Module
    {
        private readonly TransformerOptions _options;
        private readonly MultiHeadAttention _attention;
        private readonly FeedForward _feedForward;
        private readonly LayerNorm _norm1;
        private readonly LayerNorm _norm2;

        public Tower(FusionOptions options, RandomSource random)
        {
            _options = options.Transformer;
            _attention = Add("joint_attn", new MultiHeadAttention(_options.Attention with { Variant = options.VisionVariant }, random));
            _feedForward = Add("feed_forward", _options.FeedForward(random));
            _norm1 = Add("norm1", new LayerNorm(_options.Width, _options.Epsilon));
            _norm2 = Add("norm2", new LayerNorm(_options.Width, _options.Epsilon));
        }

        /// <summary>The tower's tokens normalised, and what they give to the common attention.</summary>
        public (Tensor Normed, Tensor Keys, Tensor Values) Project(Tokens tokens, Pass pass)
        {
            var normed = _norm1.Forward(tokens.Values, pass);
            var (keys, values) = _attention.Project(normed, pass);
            return (normed, keys, values);
        }

        public Tokens Forward(Tokens tokens, Tensor normed, Tokens keys, Tensor values, Pass pass)
        {
            var attended = _attention.AttendProjected(normed, keys.Values, values, keys.Mask, pass, tokens.Attending(keys));
            var x = pass.Add(tokens.Values, pass.Dropout(attended, _options.Dropout));
            return tokens with { Values = Residual.Apply(x, _norm2, _options, y => _feedForward.Forward(y, pass), pass) };
        }
    }
}
