using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>One attention of a recorded pass of one sample, and what methods of explanation read of it.</summary>
/// <param name="Layer">Name of the attention, as in the checkpoint.</param>
/// <param name="Weights">The weights <c>[1, H, Nq, Nk]</c>.</param>
/// <param name="Queries">What the queries are, run by run; null when that is not known.</param>
/// <param name="Keys">What the keys are, run by run; null when that is not known.</param>
public sealed record RecordedAttention(string Layer, Tensor Weights, IReadOnlyList<TokenRun>? Queries, IReadOnlyList<TokenRun>? Keys)
{
    /// <summary>The gradient of the decision with respect to the weights; null when it was not asked for, or the decision does not depend
    /// on them.</summary>
    public Tensor? Gradient { get; init; }

    /// <summary>What is fetched from each key, before the output projection, <c>[1, Nk, H·Dv]</c>; null when it was not asked
    /// for.</summary>
    public Tensor? Values { get; init; }

    /// <summary>The mean over heads of the weights of one sample: <c>[1, H, Nq, Nk] → [Nq, Nk]</c>.</summary>
    internal static double[,] MeanOfHeads(Tensor weights)
    {
        var (heads, queries, keys) = (weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        var mean = new double[queries, keys];
        for (var h = 0; h < heads; h++)
            for (var q = 0; q < queries; q++)
                for (var k = 0; k < keys; k++) mean[q, k] += (double)weights[0, h, q, k] / heads;
        return mean;
    }
}
