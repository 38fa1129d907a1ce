using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>softmax(LeakyReLU(a₁·qᵢ + a₂·kⱼ)) over the neighbours of a graph, in each head (Veličković et al. 2018, GAT).</summary>
/// <remarks>Patches are joined with themselves and the patches around them, words with everything; a query that is no patch is joined with
/// every patch. Where a mask is −∞ there is no edge. As in GAT the weights rank keys alike for all queries, up to the kink of the
/// LeakyReLU. The layer as published, with one projection and heads concatenated or averaged, is
/// <see cref="GraphAttentionLayer"/>.</remarks>
internal sealed class GraphMixer : AttentionMixer
{
    /// <summary>What the LeakyReLU multiplies negative sums by.</summary>
    internal const float Slope = 0.2f;

    private readonly TokenGrid? _grid;
    private readonly int? _radius;
    private readonly Tensor _query;
    private readonly Tensor _key;

    /// <summary>Makes the mixer.</summary>
    /// <param name="grid">Where the patches of a view lie; a square when null.</param>
    /// <param name="radius">How many rows and columns away a neighbour may be; null for a graph that masks alone describe.</param>
    /// <param name="options">Sizes of the attention.</param>
    /// <param name="random">Source of the first weights.</param>
    internal GraphMixer(TokenGrid? grid, int? radius, AttentionOptions options, RandomSource random)
    {
        (_grid, _radius) = (grid, radius);
        var width = options.HeadWidth;
        _query = AddParameter("query_vector", Tensor.Normal([options.Heads * width], random, MathF.Sqrt(2f / (width + 1))));
        _key = AddParameter("key_vector", Tensor.Normal([options.Heads * width], random, MathF.Sqrt(2f / (width + 1))));
    }

    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass)
    {
        LocalWindow? window = call.Own && _radius is { } radius ? new LocalWindow(Layout(_grid, call, "GraphAttention"), radius, Own: true)
            : null;
        return pass.GraphAttention(Number(call.Query, _query, call.Heads, pass), Number(call.Key, _key, call.Heads, pass),
            call.Values(null), Slope, window,
            call.Mask?.Scores, call.Options);
    }

    /// <summary>A head's product with its vector: <c>[B, N, H·D] → [B, N, H]</c>.</summary>
    private static Tensor Number(Tensor x, Tensor vector, int heads, Pass pass) =>
        pass.Sum(pass.Reshape(pass.Multiply(x, vector), [x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads]), axis: 3);
}
