using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>A feed-forward network whose hidden elements are gated: fc2(a · GELU(g)), where fc1 gives a and g side by side (Shazeer 2020,
/// GEGLU).</summary>
internal sealed class GatedFeedForward : Module
{
    private readonly Linear _first;
    private readonly Linear _second;
    private readonly Dropout _dropout;
    private readonly int _hidden;

    /// <summary>Makes the layers.</summary>
    /// <param name="width">Width in and out.</param>
    /// <param name="hidden">Width between, after the gate.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="dropout">Share of hidden elements dropped in training.</param>
    public GatedFeedForward(int width, int hidden, RandomSource random, float dropout = 0)
    {
        _first = Add("fc1", new Linear(width, 2 * hidden, random));
        _second = Add("fc2", new Linear(hidden, width, random));
        _dropout = Add("dropout", new Dropout(dropout));
        _hidden = hidden;
    }

    /// <summary>Applies the network: <c>[…, d] → […, d]</c>.</summary>
    /// <exception cref="ShapeException">The width is not the network's.</exception>
    public Tensor Forward(Tensor x, Pass pass)
    {
        var both = _first.Forward(x, pass);
        var gated = pass.Multiply(pass.Slice(both, -1, 0, _hidden), pass.Gelu(pass.Slice(both, -1, _hidden, _hidden)));
        return _second.Forward(_dropout.Forward(gated, pass), pass);
    }
}
