using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>M learned latents look at the tokens, layer by layer, and take their place (Alayrac et al. 2022, Flamingo's resampler).</summary>
/// <remarks>A latent is no sum of patches: its source map is a convention, attention rolled out over the layers (Abnar and Zuidema 2020). In each
/// layer half of a latent is what it was and half what its heads, on average, looked at; what comes from no patch is left out and rows are
/// scaled to 1.</remarks>
public sealed class TokenResampler : TokenReducer
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
        if (options.Heads <= 0 || options.Width % options.Heads != 0) throw new ShapeException("TokenResampler", $"{options.Heads} heads do not divide a width of {options.Width}");
        _resampler = Add("resampler", new PerceiverResampler(new ResamplerOptions(options.Width, count, Math.Max(1, options.Layers))
        {
            Heads = options.Heads, HeadWidth = options.Width / options.Heads, Hidden = options.Hidden,
        }, random));
    }

    private protected override Tokens Apply(Tokens tokens, Pass pass)
    {
        var before = pass.Trace?.Entries.Count ?? 0;
        var reduced = _resampler.Reduce(tokens, pass);
        if (pass.Trace is { } trace) trace.AddSource(Path, Rollout([.. trace.Entries.Skip(before).Select(e => e.Value)], tokens.Count).Map);
        return reduced;
    }

    /// <summary>What every latent is made of after all layers.</summary>
    /// <param name="layers">Weights of the layers, <c>[B, H, M, N + M]</c>.</param>
    /// <param name="count">Number of tokens N.</param>
    private TokenSource Rollout(IReadOnlyList<Tensor> layers, int count)
    {
        var (batch, heads) = (layers[0].Shape[0], layers[0].Shape[1]);
        var map = Tensor.Zeros([batch, Count, count]);
        for (var b = 0; b < batch; b++)
        {
            var made = new double[Count, count];
            foreach (var weights in layers)
            {
                var next = new double[Count, count];
                for (var m = 0; m < Count; m++)
                for (var i = 0; i < count; i++)
                {
                    double seen = 0;
                    for (var h = 0; h < heads; h++) seen += weights[b, h, m, i] / (double)heads;
                    next[m, i] = (made[m, i] + seen) / 2;
                }

                for (var m = 0; m < Count; m++)
                for (var other = 0; other < Count; other++)
                {
                    double asked = 0;
                    for (var h = 0; h < heads; h++) asked += weights[b, h, m, count + other] / (double)heads;
                    for (var i = 0; i < count; i++) next[m, i] += asked * made[other, i] / 2;
                }

                made = next;
            }

            for (var m = 0; m < Count; m++)
            {
                double total = 0;
                for (var i = 0; i < count; i++) total += made[m, i];
                for (var i = 0; i < count && total > 0; i++) map[b, m, i] = (float)(made[m, i] / total);
            }
        }

        return new TokenSource(map);
    }
}
