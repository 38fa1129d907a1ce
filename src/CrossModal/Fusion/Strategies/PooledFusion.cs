using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>How the mean word and the mean visual token become one.</summary>
internal enum PooledKind
{
    /// <summary>Side by side, through a linear layer (<see cref="ConcatFusionModule"/>).</summary>
    Concatenation,

    /// <summary>A weighted sum (<see cref="AttentionFusionModule"/>).</summary>
    Attention,

    /// <summary>The mean of a set (<see cref="DeepsetFusionModule"/>).</summary>
    Deepset,
}

/// <summary>The mean word and the mean visual token, fused as torchmultimodal fuses the features of whole modalities.</summary>
internal sealed class PooledFusion : FusionStrategy
{
    private readonly Func<IReadOnlyDictionary<string, Tensor>, Pass, Tensor> _fuse;

    /// <summary>The two side by side.</summary>
    public static StrategyDescription ConcatenationDescription { get; } = new("concat-fusion", "Means, joined and projected",
        "mean word and mean visual token side by side, one linear layer",
        (o, r) => new PooledFusion(o, r, PooledKind.Concatenation));

    /// <summary>The two weighed against each other.</summary>
    public static StrategyDescription AttentionDescription { get; } = new("attention-fusion", "Means, weighed by attention",
        "mean word and mean visual token, weighed against each other",
        (o, r) => new PooledFusion(o, r, PooledKind.Attention));

    /// <summary>The two as a set.</summary>
    public static StrategyDescription DeepsetDescription { get; } = new("deepset-fusion", "Means, as a set",
        "mean word and mean visual token as a set",
        (o, r) => new PooledFusion(o, r, PooledKind.Deepset));

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; heads and layers are not used.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="kind">How the two become one.</param>
    public PooledFusion(FusionOptions options, RandomSource random, PooledKind kind)
        : base(options)
    {
        var channels = new Dictionary<string, int> { ["language"] = options.Width, ["vision"] = options.Width };
        switch (kind)
        {
            case PooledKind.Attention:
                var attention = Add("fusion", new AttentionFusionModule(channels, random));
                _fuse = (features, pass) => attention.Forward(features, pass).Fused;
                break;
            case PooledKind.Deepset:
                _fuse = Add("fusion", new DeepsetFusionModule(channels, new DeepsetOptions(options.Width) { Weighed = true },
                    random)).Forward;
                break;
            default:
                _fuse = Add("fusion", new ConcatFusionModule(channels, random, options.Width)).Forward;
                break;
        }
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var features = new Dictionary<string, Tensor>
        {
            ["language"] = input.Language.Mean(pass),
            ["vision"] = input.JoinViews(pass).Mean(pass)
        };
        var fused = _fuse(features, pass);
        return new FusionOutput(new Tokens(pass.Reshape(fused, [fused.Shape[0], 1, Width])));
    }
}
