using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Two linear layers with an activation between, applied to every token: fc2(act(fc1(x))) (Vaswani et al. 2017, eq. 2).</summary>
public sealed class FeedForward : Module
{
    private readonly Linear _first;
    private readonly Linear _second;
    private readonly Dropout _dropout;
    private readonly ActivationFunction _activation;

    /// <summary>Makes the layers.</summary>
    /// <param name="width">Width in and out.</param>
    /// <param name="hidden">Width between.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="activation">The function between.</param>
    /// <param name="dropout">Share of hidden elements dropped in training.</param>
    /// <param name="outputGain">What the first weights of the second layer are multiplied by.</param>
    /// <param name="bias">Whether the layers have biases.</param>
    public FeedForward(int width, int hidden, RandomSource random, ActivationFunction activation = ActivationFunction.Gelu,
        float dropout = 0,
        float outputGain = 1, bool bias = true)
    {
        _first = Add("fc1", new Linear(width, hidden, random, bias));
        _second = Add("fc2", new Linear(hidden, width, random, bias, outputGain));
        _dropout = Add("dropout", new Dropout(dropout));
        _activation = activation;
    }

    /// <summary>Applies the network: <c>[…, d] → […, d]</c>.</summary>
    /// <exception cref="ShapeException">The width is not the network's.</exception>
    public Tensor Forward(Tensor x, Pass pass) =>
        _second.Forward(_dropout.Forward(_activation.Apply(_first.Forward(x, pass), pass), pass), pass);
}
