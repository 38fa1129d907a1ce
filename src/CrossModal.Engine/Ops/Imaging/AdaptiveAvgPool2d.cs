using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Average pooling to a given size: cell i covers inputs ⌊i·in/out⌋ to ⌈(i+1)·in/out⌉ − 1.</summary>
/// <param name="height">Rows of the result.</param>
/// <param name="width">Columns of the result.</param>
internal sealed class AdaptiveAvgPool2dOp(int height, int width) : SpatialMap
{
    /// <summary>Rows of the result.</summary>
    public int Height { get; } = height > 0 ? height
        : throw new ShapeException("AdaptiveAvgPool2d", $"height must be positive, got {height}");

    /// <summary>Columns of the result.</summary>
    public int Width { get; } = width > 0 ? width : throw new ShapeException("AdaptiveAvgPool2d", $"width must be positive, got {width}");

    private protected override (int Start, float[] Weights)[] Taps(int size, bool rows)
    {
        var taps = new (int, float[])[rows ? Height : Width];
        for (var i = 0; i < taps.Length; i++)
        {
            var start = (int)((long)i * size / taps.Length);
            var end = (int)(((long)(i + 1) * size + taps.Length - 1) / taps.Length);
            taps[i] = (start, Even(end - start));
        }

        return taps;
    }
}

public static partial class Operations
{
    /// <summary>Average pooling to a given size: <c>[B, C, H, W] → [B, C, height, width]</c>.</summary>
    public static Tensor AdaptiveAvgPool2d(this Pass pass, Tensor x, int height, int width) =>
        pass.Apply(new AdaptiveAvgPool2dOp(height, width), x);
}
