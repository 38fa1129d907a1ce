using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Root-mean-square normalisation with a learned scale (Zhang and Sennrich 2019), of groups side by side in the last
/// axis.</summary>
public sealed class RmsNorm : Module
{
    private readonly Tensor _weight;
    private readonly float _epsilon;

    /// <summary>Makes the layer: scale 1.</summary>
    /// <param name="width">Width D of a group.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public RmsNorm(int width, float epsilon = 1e-6f)
    {
        _epsilon = epsilon;
        _weight = AddParameter("weight", Tensor.Full([width], 1));
    }

    /// <summary>Applies the layer: <c>[…, n·D] → […, n·D]</c>, each group on its own.</summary>
    /// <exception cref="ShapeException">D does not divide the width.</exception>
    public Tensor Forward(Tensor x, Pass pass) => pass.RmsNorm(x, _weight, _epsilon);
}
