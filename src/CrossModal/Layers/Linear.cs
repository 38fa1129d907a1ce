using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>y = x Wᵀ + b.</summary>
/// <remarks>Weights start uniform in ±√(6/(in + out)) (Glorot and Bengio 2010), biases at 0.</remarks>
public sealed class Linear : Module
{
    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">Width in.</param>
    /// <param name="outputs">Width out.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="gain">What the first weights are multiplied by.</param>
    public Linear(int inputs, int outputs, RandomSource random, bool bias = true, float gain = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        var limit = gain * MathF.Sqrt(6f / (inputs + outputs));
        Weight = AddParameter("weight", Tensor.Uniform([outputs, inputs], random, -limit, limit));
        if (bias) Bias = AddParameter("bias", Tensor.Zeros([outputs]));
    }

    /// <summary>W, <c>[out, in]</c>.</summary>
    public Tensor Weight { get; }

    /// <summary>b, <c>[out]</c>, or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>Applies the layer: <c>[…, in] → […, out]</c>.</summary>
    /// <exception cref="ShapeException">The width is not the layer's.</exception>
    public Tensor Forward(Tensor x, Pass pass) => pass.Linear(x, Weight, Bias);
}
