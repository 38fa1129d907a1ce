using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Linear layers with an activation between each two: a multi-layer perceptron.</summary>
internal sealed class Perceptron : Module
{
    private readonly ModuleList<Linear> _layers;
    private readonly ActivationFunction _activation;

    /// <summary>Makes the layers.</summary>
    /// <param name="widths">Width in, widths between, width out.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="activation">The function between layers.</param>
    /// <exception cref="ShapeException">Fewer than two widths.</exception>
    public Perceptron(IReadOnlyList<int> widths, RandomSource random, ActivationFunction activation = ActivationFunction.Gelu)
    {
        ArgumentNullException.ThrowIfNull(widths);
        if (widths.Count < 2) throw new ShapeException("Perceptron", "needs a width in and a width out");
        _layers = Add("layers", new ModuleList<Linear>(widths.Count - 1, i => new Linear(widths[i], widths[i + 1], random)));
        _activation = activation;
    }

    /// <summary>Applies the layers: <c>[…, in] → […, out]</c>.</summary>
    public Tensor Forward(Tensor x, Pass pass)
    {
        for (var i = 0; i < _layers.Count; i++)
        {
            if (i > 0) x = _activation.Apply(x, pass);
            x = _layers[i].Forward(x, pass);
        }

        return x;
    }
}
