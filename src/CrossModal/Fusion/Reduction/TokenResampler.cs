using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>M learned latents attend to the tokens, layer by layer, and take their place (Alayrac et al. 2022, Flamingo's
/// resampler).</summary>
/// <remarks>A latent is no sum of patches: its source map is a convention, attention rolled out over the layers
/// (<see cref="LatentRollout"/>).</remarks>
internal sealed class TokenResampler : TokenReducer
{
    private readonly PerceiverResampler _resampler;

    /// <summary>Makes the reducer; it has as many layers as the strategy.</summary>
    /// <param name="options">Sizes of the strategy.</param>
    /// <param name="count">How many tokens are left, M.</param>
    /// <param name="random">Source of the first weights.</param>
    public TokenResampler(FusionOptions options, int count, RandomSource random)
        : base(count)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Heads <= 0 || options.Width % options.Heads != 0)
            throw new ShapeException("TokenResampler", $"{options.Heads} heads do not divide a width of {options.Width}");
        _resampler = Add("resampler", new PerceiverResampler(new ResamplerOptions(options.Width, count, Math.Max(1, options.Layers))
        {
            Heads = options.Heads,
            HeadWidth = options.Width / options.Heads,
            Hidden = options.Hidden,
        }, random));
    }

    private protected override Tokens Apply(Tokens tokens, Pass pass)
    {
        var before = pass.Trace?.Entries.Count ?? 0;
        return _resampler.Reduce(tokens, pass).MadeOf(Tokens.Contents([tokens]), Path,
            trace => [.. trace.Entries.Skip(before).Select(e => e.Value)],
            layers => LatentRollout.OfResampler(layers, tokens.Batch, Count, tokens.Count),
            (layers, recording) => RecordedRollout.OfResampler(layers, Count, tokens.Count, latentsFirst: false, recording), pass);
    }
}
