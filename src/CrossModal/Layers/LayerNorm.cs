using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Layer normalisation with learned scale and shift (Ba et al. 2016).</summary>
public sealed class LayerNorm : Module
{
    private readonly float _epsilon;

    /// <summary>Makes the layer: scale 1, shift 0.</summary>
    /// <param name="width">Width normalised over.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public LayerNorm(int width, float epsilon = 1e-5f)
    {
        _epsilon = epsilon;
        Weight = AddParameter("weight", Tensor.Full([width], 1));
        Bias = AddParameter("bias", Tensor.Zeros([width]));
    }

    /// <summary>Scale <c>[d]</c>.</summary>
    public Tensor Weight { get; }

    /// <summary>Shift <c>[d]</c>.</summary>
    public Tensor Bias { get; }

    /// <summary>Applies the layer: <c>[…, d] → […, d]</c>.</summary>
    /// <exception cref="ShapeException">The width is not the layer's.</exception>
    public Tensor Forward(Tensor x, Pass pass) => pass.LayerNorm(x, Weight, Bias, _epsilon);
}
