using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Concatenation of means: the mean word and the mean visual token side by side, mixed by a feed-forward network. The textbook's
/// baseline.</summary>
/// <remarks>Where on the table something is, is lost in the mean unless the visual tokens carry their positions.</remarks>
internal sealed class PooledConcatenation : FusionStrategy
{
    private readonly Linear _project;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("concat-pooled", "Concatenation, mean-pooled",
        "mean word and mean visual token side by side",
        (o, r) => new PooledConcatenation(o, r));

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; heads and layers are not used.</param>
    /// <param name="random">Source of the first weights.</param>
    public PooledConcatenation(FusionOptions options, RandomSource random)
        : base(options)
    {
        _project = Add("proj", new Linear(2 * options.Width, options.Width, random));
        _feedForward = Add("feed_forward", new FeedForward(options.Width, options.Hidden, random, dropout: options.Dropout));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = pass.Concat(1, input.Language.Mean(pass), input.JoinViews(pass).Mean(pass));
        var x = _project.Forward(joined, pass);
        x = _norm.Forward(pass.Add(x, _feedForward.Forward(x, pass)), pass);
        return new FusionOutput(new Tokens(pass.Reshape(x, [x.Shape[0], 1, Width])));
    }
}
