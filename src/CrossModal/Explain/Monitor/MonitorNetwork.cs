using System.Numerics.Tensors;

namespace CrossModal.Explain.Monitor;

/// <summary>A small multi-layer perceptron on standardised inputs, whose one output is the logit of failure.</summary>
/// <remarks>ReLU between layers. Allocates nothing.</remarks>
internal sealed class MonitorNetwork
{
    /// <summary>Standardised inputs are limited to this many deviations.</summary>
    public const float Limit = 5;

    private readonly float[][] _weights;
    private readonly float[][] _biases;
    private readonly float[][] _values;

    /// <summary>Takes over weights.</summary>
    /// <param name="mean">Mean of every input.</param>
    /// <param name="scale">One over the standard deviation of every input; 0 leaves an input out.</param>
    /// <param name="weights">Of each layer, <c>[out, in]</c> row by row.</param>
    /// <param name="biases">Of each layer, <c>[out]</c>.</param>
    public MonitorNetwork(float[] mean, float[] scale, float[][] weights, float[][] biases)
    {
        (Mean, Scale, _weights, _biases) = (mean, scale, weights, biases);
        _values = [new float[mean.Length], .. biases.Select(b => new float[b.Length])];
    }

    /// <summary>Mean of every input.</summary>
    public float[] Mean { get; }

    /// <summary>One over the standard deviation of every input.</summary>
    public float[] Scale { get; }

    /// <summary>Weights of each layer, <c>[out, in]</c>.</summary>
    public IReadOnlyList<float[]> Weights => _weights;

    /// <summary>Biases of each layer, <c>[out]</c>.</summary>
    public IReadOnlyList<float[]> Biases => _biases;

    /// <summary>The same network with memory of its own, for another thread.</summary>
    public MonitorNetwork Share() => new(Mean, Scale, _weights, _biases);

    /// <summary>The probability of a logit.</summary>
    public static float Probability(float logit) => 1 / (1 + MathF.Exp(-logit));

    /// <summary>The logit for an input.</summary>
    public float Logit(ReadOnlySpan<float> input)
    {
        var values = _values[0].AsSpan();
        TensorPrimitives.Subtract(input, Mean, values);
        TensorPrimitives.Multiply(values, Scale, values);

        // An input far outside what was trained on says no more than one at its edge.
        TensorPrimitives.Clamp(values, -Limit, Limit, values);
        for (var layer = 0; layer < _weights.Length; layer++)
        {
            var next = _values[layer + 1].AsSpan();
            var width = values.Length;
            var weights = _weights[layer].AsSpan();
            for (var o = 0; o < next.Length; o++)
                next[o] = TensorPrimitives.Dot<float>(weights.Slice(o * width, width), values) + _biases[layer][o];
            if (layer < _weights.Length - 1) TensorPrimitives.Max(next, 0f, next);
            values = next;
        }

        return values[0];
    }
}
