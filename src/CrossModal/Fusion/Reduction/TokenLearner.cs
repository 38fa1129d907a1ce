using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Each of M new tokens is a weighted sum over all tokens, by weights that the tokens themselves decide: softmax over space of
/// MLP(LayerNorm(x)) (Ryoo et al. 2021, TokenLearner, version 1.1).</summary>
/// <remarks>What is summed are the tokens as they came. The weights are the source map, exactly.</remarks>
internal sealed class TokenLearner : TokenReducer
{
    /// <summary>Width inside the network that decides.</summary>
    internal const int Hidden = 64;

    private readonly LayerNorm _norm;
    private readonly Linear _first;
    private readonly Linear _second;

    /// <summary>Makes the reducer.</summary>
    /// <param name="width">Width d of a token.</param>
    /// <param name="count">How many tokens are left, M.</param>
    /// <param name="random">Source of the first weights.</param>
    public TokenLearner(int width, int count, RandomSource random)
        : base(count)
    {
        _norm = Add("norm", new LayerNorm(width));
        _first = Add("fc1", new Linear(width, Hidden, random));
        _second = Add("fc2", new Linear(Hidden, count, random));
    }

    private protected override Tokens Apply(Tokens tokens, Pass pass)
    {
        var hidden = pass.Gelu(_first.Forward(_norm.Forward(tokens.Values, pass), pass));
        var scores = pass.Transpose(_second.Forward(hidden, pass), 1, 2); // [B, N, M] -> [B, M, N]
        if (tokens.Mask is { } mask) scores = pass.Add(scores, pass.Reshape(mask.Scores, [tokens.Batch, 1, tokens.Count]));
        var shares = pass.Softmax(scores);
        return OfAll(pass.MatMul(shares, tokens.ZeroPadded(pass)), tokens, pass)
            .MadeOf(Tokens.Contents([tokens]), Path, _ => [shares], from => from[0], (from, _) => from[0], pass);
    }
}
