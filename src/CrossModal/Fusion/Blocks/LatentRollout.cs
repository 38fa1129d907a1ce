using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>What latents are made of after layers of attention, as shares of the tokens they attended to: attention rollout (Abnar and
/// Zuidema 2020).</summary>
/// <remarks>A convention, since a latent is no sum of tokens: in each layer half of a latent is what it was and half what its heads, on
/// average, attended to; what comes from elsewhere is left out and rows are scaled to 1.</remarks>
internal sealed class LatentRollout(int batch, int latents, int tokens)
{
    private double[,,] _made = new double[batch, latents, tokens];

    /// <summary>One more layer.</summary>
    /// <param name="weights">Weights <c>[B, H, M, keys]</c>.</param>
    /// <param name="firstToken">The key at which the tokens begin, or null when they are not among the keys.</param>
    /// <param name="firstLatent">The key at which the latents begin, or null when they are not among the keys.</param>
    public void Add(Tensor weights, int? firstToken, int? firstLatent)
    {
        var heads = weights.Shape[1];
        var next = new double[batch, latents, tokens];
        for (var b = 0; b < batch; b++)
            for (var m = 0; m < latents; m++)
            {
                for (var i = 0; i < tokens; i++)
                    next[b, m, i] = (_made[b, m, i] + (firstToken is { } token ? Mean(b, m, token + i) : 0)) / 2;
                for (var other = 0; firstLatent is not null && other < latents; other++)
                {
                    var asked = Mean(b, m, firstLatent.Value + other) / 2;
                    for (var i = 0; i < tokens; i++) next[b, m, i] += asked * _made[b, other, i];
                }
            }

        _made = next;

        double Mean(int b, int m, int key)
        {
            double sum = 0;
            for (var h = 0; h < heads; h++) sum += weights[b, h, m, key];
            return sum / heads;
        }
    }

    /// <summary>The shares, rows scaled to 1; 0 where no weight was.</summary>
    public Tensor Shares()
    {
        var map = Tensor.Zeros([batch, latents, tokens]);
        for (var b = 0; b < batch; b++)
            for (var m = 0; m < latents; m++)
            {
                double total = 0;
                for (var i = 0; i < tokens; i++) total += _made[b, m, i];
                for (var i = 0; i < tokens && total > 0; i++) map[b, m, i] = (float)(_made[b, m, i] / total);
            }

        return map;
    }

    /// <summary>The shares of latents of a resampler, from the weights of its layers <c>[B, H, M, N + M]</c>, or M + N when latents come
    /// first.</summary>
    public static Tensor OfResampler(IEnumerable<Tensor> layers, int batch, int latents, int tokens, bool latentsFirst = false)
    {
        var rollout = new LatentRollout(batch, latents, tokens);
        foreach (var weights in layers) rollout.Add(weights, latentsFirst ? latents : 0, latentsFirst ? 0 : tokens);
        return rollout.Shares();
    }
}
