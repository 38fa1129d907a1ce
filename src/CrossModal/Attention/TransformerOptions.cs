using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Where a transformer layer normalises.</summary>
public enum NormPlacement
{
    /// <summary>Before each part, inside the residual: x + part(norm(x)); trains without a long warm-up (Xiong et al. 2020).</summary>
    Before,

    /// <summary>After each residual: norm(x + part(x)), as first published (Vaswani et al. 2017).</summary>
    After,
}

/// <summary>What the layers of a transformer have in common.</summary>
/// <param name="Width">Width d of a token.</param>
/// <param name="Heads">Number of heads; divides the width.</param>
/// <param name="Hidden">Width inside the feed-forward network.</param>
public sealed record TransformerOptions(int Width, int Heads, int Hidden)
{
    /// <summary>The function inside the feed-forward network.</summary>
    public ActivationFunction Activation { get; init; } = ActivationFunction.Gelu;

    /// <summary>Where layers normalise.</summary>
    public NormPlacement Norm { get; init; } = NormPlacement.Before;

    /// <summary>Share dropped in training: of attention weights, of hidden elements, of what each part adds.</summary>
    public float Dropout { get; init; }

    /// <summary>Added to the variance in normalisation.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>What the first weights that write to the residual stream are multiplied by; small values let deep stacks start as almost
    /// the identity.</summary>
    public float ResidualGain { get; init; } = 1;

    /// <summary>Heads of keys and values in every attention; 0 for as many as those of queries.</summary>
    internal int KeyHeads { get; init; }

    internal AttentionOptions Attention => new(Width, Heads) { Dropout = Dropout, OutputGain = ResidualGain, KeyHeads = KeyHeads };

    internal FeedForward FeedForward(RandomSource random) => new(Width, Hidden, random, Activation, Dropout, ResidualGain);
}
