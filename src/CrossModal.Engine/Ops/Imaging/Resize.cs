using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>How a resize finds values between pixels.</summary>
public enum ResizeMode
{
    /// <summary>The pixel whose cell contains the point.</summary>
    Nearest,

    /// <summary>Linear between the four pixels around the point, half-pixel centres, edges repeated.</summary>
    Bilinear,

    /// <summary>Linear between the four pixels around the point, the centres of the corner pixels staying where they are
    /// (align_corners).</summary>
    BilinearCorners,
}

/// <summary>Resizes images to a given size without antialiasing (PyTorch's interpolate).</summary>
/// <param name="height">Rows of the result.</param>
/// <param name="width">Columns of the result.</param>
/// <param name="mode">How values between pixels are found.</param>
internal sealed class ResizeOp(int height, int width, ResizeMode mode) : SpatialMap
{
    /// <summary>Rows of the result.</summary>
    public int Height { get; } = height > 0 ? height : throw new ShapeException("Resize", $"height must be positive, got {height}");

    /// <summary>Columns of the result.</summary>
    public int Width { get; } = width > 0 ? width : throw new ShapeException("Resize", $"width must be positive, got {width}");

    /// <summary>How values between pixels are found.</summary>
    public ResizeMode Mode { get; } = mode;

    private protected override (int Start, float[] Weights)[] Taps(int size, bool rows)
    {
        var taps = new (int, float[])[rows ? Height : Width];
        var scale = (double)size / taps.Length;
        for (var i = 0; i < taps.Length; i++)
        {
            if (Mode == ResizeMode.Nearest)
            {
                taps[i] = (Math.Min((int)(i * scale), size - 1), [1]);
                continue;
            }

            var centre = Mode == ResizeMode.Bilinear
                ? Math.Max((i + 0.5) * scale - 0.5, 0)
                : taps.Length == 1 ? 0 : (double)i * (size - 1) / (taps.Length - 1);
            var start = Math.Min((int)centre, size - 1);
            var fraction = (float)(centre - start);
            taps[i] = start + 1 < size ? (start, [1 - fraction, fraction]) : (start, [1]);
        }

        return taps;
    }
}

public static partial class Operations
{
    /// <summary>Resizes images: <c>[B, C, H, W] → [B, C, height, width]</c>.</summary>
    public static Tensor Resize(this Pass pass, Tensor x, int height, int width, ResizeMode mode) =>
        pass.Apply(new ResizeOp(height, width, mode), x);
}
