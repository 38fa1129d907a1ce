using CrossModal.Engine.Tensors;

namespace CrossModal.Benchmarks.Cases;

/// <summary>The numbers a network is given: tokens and weights, and the output they lead to in float64.</summary>
/// <param name="Network">What they are for.</param>
/// <param name="Arrays">Elements by name, row-major.</param>
/// <param name="Reference">The output <c>[B, Nl, d]</c>, computed in float64.</param>
internal sealed record NetworkInputs(Network Network, IReadOnlyDictionary<string, float[]> Arrays, double[] Reference)
{
    /// <summary>Words <c>[B, Nl, d]</c>.</summary>
    public float[] Words => Arrays["L"];

    /// <summary>Visual tokens <c>[B, Nv, d]</c>.</summary>
    public float[] Visuals => Arrays["V"];

    /// <summary>Draws the same numbers on every machine, and computes the reference.</summary>
    public static NetworkInputs Draw(Network network)
    {
        var random = new RandomSource(1000, network.Name.Aggregate(0ul, (sum, letter) => 31 * sum + letter));
        var arrays = new Dictionary<string, float[]>();
        foreach (var (name, length, deviation, mean) in network.Arrays)
        {
            var values = new float[length];
            foreach (ref var value in values.AsSpan()) value = mean + (float)deviation * random.NextGaussian();
            arrays[name] = values;
        }

        return new(network, arrays, DoubleReference.Output(network, arrays));
    }

    /// <summary>The largest difference from the reference; NaN when the output has one.</summary>
    public double MaxError(ReadOnlySpan<float> output)
    {
        if (output.Length != Reference.Length)
            throw new ArgumentException($"the output has {output.Length} elements, the reference {Reference.Length}");
        var largest = 0.0;
        // Max, not a comparison: it passes NaN on.
        for (var i = 0; i < output.Length; i++) largest = Math.Max(largest, Math.Abs(output[i] - Reference[i]));

        return largest;
    }
}
