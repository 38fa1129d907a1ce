using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>What <see cref="LatentRollout"/> computes of numbers, as operations of a pass.</summary>
internal static class RecordedRollout
{
    /// <summary>The shares <c>[B, M, N]</c> of latents, from the weights of their layers, in order.</summary>
    /// <param name="layers">Weights <c>[B, H, M, keys]</c>.</param>
    /// <param name="firsts">For each layer the keys at which tokens and latents begin; null where they are not among the keys.</param>
    /// <param name="latents">Number of latents M.</param>
    /// <param name="tokens">Number of tokens N.</param>
    /// <param name="pass">The pass.</param>
    public static Tensor Of(IReadOnlyList<Tensor> layers, Func<int, (int? Token, int? Latent)> firsts, int latents, int tokens, Pass pass)
    {
        Tensor? made = null;
        for (var i = 0; i < layers.Count; i++)
        {
            var (token, latent) = firsts(i);
            var mean = pass.Mean(layers[i], axis: 1); // [B, M, keys]
            var next = token is { } first ? pass.Slice(mean, 2, first, tokens) : null;
            if (made is not null) next = next is null ? made : pass.Add(made, next);
            if (made is not null && latent is { } start) next = pass.Add(next!, pass.MatMul(pass.Slice(mean, 2, start, latents), made));
            made = pass.Scale(next ?? throw new ShapeException("RecordedRollout", "the first layer does not attend to the tokens"), 0.5f);
        }

        return Tokens.RowsOfOne(made ?? throw new ShapeException("RecordedRollout", "there is no layer"), pass);
    }

    /// <summary>The shares of latents of a resampler, whose layers attend to tokens and latents.</summary>
    public static Tensor OfResampler(IReadOnlyList<Tensor> layers, int latents, int tokens, bool latentsFirst, Pass pass) =>
        Of(layers, _ => (latentsFirst ? latents : 0, latentsFirst ? 0 : tokens), latents, tokens, pass);
}
