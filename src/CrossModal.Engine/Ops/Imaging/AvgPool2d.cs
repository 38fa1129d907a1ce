using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Average over square windows; rows and columns left over at the end are dropped.</summary>
/// <param name="kernel">Side of the window.</param>
/// <param name="stride">Step of the window.</param>
internal sealed class AvgPool2dOp(int kernel, int stride) : SpatialMap
{
    /// <summary>Side of the window.</summary>
    public int Kernel { get; } = kernel > 0 ? kernel : throw new ShapeException("AvgPool2d", $"kernel must be positive, got {kernel}");

    /// <summary>Step of the window.</summary>
    public int Stride { get; } = stride > 0 ? stride : throw new ShapeException("AvgPool2d", $"stride must be positive, got {stride}");

    private protected override (int Start, float[] Weights)[] Taps(int size, bool rows)
    {
        if (size < Kernel) throw Error($"the window of {Kernel} is larger than {size} pixels");
        var taps = new (int, float[])[(size - Kernel) / Stride + 1];
        for (var i = 0; i < taps.Length; i++) taps[i] = (i * Stride, Even(Kernel));
        return taps;
    }
}

public static partial class Operations
{
    /// <summary>Average pooling: <c>[B, C, H, W] → [B, C, ⌊(H − k)/s⌋ + 1, ⌊(W − k)/s⌋ + 1]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Images.</param>
    /// <param name="kernel">Side of the window.</param>
    /// <param name="stride">Step of the window; the kernel when null.</param>
    /// <exception cref="ShapeException">The window is larger than the image.</exception>
    public static Tensor AvgPool2d(this Pass pass, Tensor x, int kernel, int? stride = null) =>
        pass.Apply(new AvgPool2dOp(kernel, stride ?? kernel), x);
}
