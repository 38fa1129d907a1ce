using CrossModal.Attention;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Our library's strategies with the weights of shared inputs.</summary>
internal static class SharedModel
{
    private static readonly (string Ours, string Shared)[] Projections =
        [("q_proj", "q"), ("k_proj", "k"), ("v_proj", "v"), ("out_proj", "o")];

    /// <summary>The strategy a network is in our library: cross-attention alone, or blocks that normalise after each part.</summary>
    public static FusionStrategy Make(NetworkInputs inputs)
    {
        var network = inputs.Network;
        var options = new FusionOptions(network.Shape.Width, network.Shape.Heads, Math.Max(1, network.Blocks)) { Hidden = network.Hidden };
        var random = new RandomSource(0);
        FusionStrategy model = network.Blocks == 0
            ? new CrossModalAttention(options, random)
            : new CrossModalTransformer(options, random, selfAttention: false, NormPlacement.After);
        model.Load(network.Prefixes.SelectMany((prefix, block) => Weights(inputs, prefix, block)).ToDictionary());
        return model;
    }

    /// <summary>Tokens of an array, <c>[B, N, d]</c>.</summary>
    public static Tokens Tokens(float[] values, int batch, int width) =>
        new(Tensor.From(values, [batch, values.Length / batch / width, width]));

    private static IEnumerable<KeyValuePair<string, Tensor>> Weights(NetworkInputs inputs, string prefix, int block)
    {
        var alone = inputs.Network.Blocks == 0;
        var (attention, norm) = alone ? ("attention", "norm") : ($"layers.{block}.cross_attn", $"layers.{block}.cross_norm");
        foreach (var (ours, shared) in Projections)
            foreach (var parameter in Linear($"{attention}.{ours}", $"W{shared}", $"b{shared}")) yield return parameter;
        foreach (var parameter in Norm(norm, "g", "be")) yield return parameter;
        if (alone) yield break;
        foreach (var parameter in Linear($"layers.{block}.feed_forward.fc1", "W1", "b1")) yield return parameter;
        foreach (var parameter in Linear($"layers.{block}.feed_forward.fc2", "W2", "b2")) yield return parameter;
        foreach (var parameter in Norm($"layers.{block}.feed_forward_norm", "g2", "be2")) yield return parameter;

        KeyValuePair<string, Tensor>[] Linear(string name, string weight, string bias)
        {
            var b = inputs.Arrays[prefix + bias];
            return [new($"{name}.weight", Transposed(inputs.Arrays[prefix + weight], b.Length)),
                new($"{name}.bias", Tensor.From(b, [b.Length]))];
        }

        KeyValuePair<string, Tensor>[] Norm(string name, string scale, string shift)
        {
            var (g, b) = (inputs.Arrays[prefix + scale], inputs.Arrays[prefix + shift]);
            return [new($"{name}.weight", Tensor.From(g, [g.Length])), new($"{name}.bias", Tensor.From(b, [b.Length]))];
        }
    }

    // [in, out] as shared to [out, in] as in a Linear.
    private static Tensor Transposed(float[] weight, int outputs)
    {
        var inputs = weight.Length / outputs;
        var result = new float[weight.Length];
        for (var i = 0; i < inputs; i++)
            for (var o = 0; o < outputs; o++)
                result[o * inputs + i] = weight[i * outputs + o];
        return Tensor.From(result, [outputs, inputs]);
    }
}
