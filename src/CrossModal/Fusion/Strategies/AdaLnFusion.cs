using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Visual tokens attend to each other in layers whose normalisations and residuals the instruction scales, shifts and gates; it
/// starts as the identity (Peebles and Xie 2023, DiT, adaLN-zero).</summary>
/// <remarks>No word attends and none is attended to: the words are one vector. The paper's: six vectors of each layer linear in
/// silu(condition), from 0, and a modulated normalisation at the end. Ours: the condition is the mean word in place of a time step and a
/// class, and the result is the visual tokens.</remarks>
internal sealed class AdaLnFusion : FusionStrategy
{
    private readonly ModuleList<Layer> _layers;
    private readonly Linear _modulation;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("adaln-zero", "adaLN-zero",
        "DiT: visual tokens attend to each other in layers that the mean word scales, shifts and gates",
        (o, r) => new AdaLnFusion(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public AdaLnFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _layers = Add("layers", new ModuleList<Layer>(options.Layers, _ => new Layer(options, random)));
        _modulation = Add("final_modulation", new Linear(options.Width, 2 * options.Width, random, gain: 0));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to visual tokens <c>[B, Nv, d]</c> of all views.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var condition = pass.Silu(pass.Reshape(input.Language.Mean(pass), [input.Language.Batch, 1, Width]));
        var vision = input.JoinViews(pass);
        foreach (var layer in _layers) vision = vision with { Values = layer.Forward(vision, condition, pass) };
        var parts = Parts(_modulation.Forward(condition, pass), 2, pass);
        return new FusionOutput(vision with { Values = Modulate(vision.Values, parts[0], parts[1], pass) });
    }

    /// <summary>(1 + scale)·norm(x) + shift, with a normalisation that has no weights of its own.</summary>
    private static Tensor Modulate(Tensor x, Tensor shift, Tensor scale, Pass pass) =>
        pass.Add(pass.Multiply(pass.LayerNorm(x), pass.Scale(scale, 1, 1)), shift);

    /// <summary><c>[B, 1, n·d] → n × [B, 1, d]</c>.</summary>
    private static Tensor[] Parts(Tensor modulation, int count, Pass pass)
    {
        var width = modulation.Shape[2] / count;
        return [.. Enumerable.Range(0, count).Select(i => pass.Slice(modulation, 2, i * width, width))];
    }

    private sealed class Layer : Module
    {
        private readonly MultiHeadAttention _attention;
        private readonly FeedForward _feedForward;
        private readonly Linear _modulation;

        public Layer(FusionOptions options, RandomSource random)
        {
            _attention = Add("attn", new MultiHeadAttention(new AttentionOptions(options.Width, options.Heads)
            {
                Dropout = options.Dropout,
                Variant = options.VisionVariant,
            }, random));
            _feedForward = Add("feed_forward", new FeedForward(options.Width, options.Hidden, random, dropout: options.Dropout));
            _modulation = Add("modulation", new Linear(options.Width, 6 * options.Width, random, gain: 0));
        }

        public Tensor Forward(Tokens vision, Tensor condition, Pass pass)
        {
            var parts = Parts(_modulation.Forward(condition, pass), 6, pass); // shift, scale, gate of attention, then of the network
            var x = vision.Values;
            var normed = Modulate(x, parts[0], parts[1], pass);
            var attended = _attention.Forward(normed, normed, normed, vision.Mask, pass, vision.Attending(vision));
            x = pass.Add(x, pass.Multiply(attended, parts[2]));
            return pass.Add(x, pass.Multiply(_feedForward.Forward(Modulate(x, parts[3], parts[4], pass), pass), parts[5]));
        }
    }
}
