using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Sets elements to 0 at random in training, scaling the others by 1/(1 − p); does nothing in evaluation.</summary>
/// <param name="probability">p, in [0, 1).</param>
public sealed class Dropout(float probability) : Module
{
    /// <summary>Share of elements set to 0.</summary>
    public float Probability { get; } = probability is >= 0 and < 1
        ? probability
        : throw new ShapeException("Dropout", $"the probability must be in [0, 1), got {probability}");

    /// <summary>Applies the layer; any shape.</summary>
    public Tensor Forward(Tensor x, Pass pass) => pass.Dropout(x, Probability);
}
