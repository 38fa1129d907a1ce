using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Convolution, pooling and resizing.</summary>
internal static class ImagingMappings
{
    /// <summary>Conv.</summary>
    public static string[] Conv2d(RecordedCall call)
    {
        var (stride, padding) = call.Same<Conv2dOp, (long, long)>(o => (o.Stride, o.Padding));
        string[] inputs = call.Inputs > 2 ? [call.Input(0), call.Input(1), call.Input(2)] : [call.Input(0), call.Input(1)];
        return [call.Graph.Add("Conv", [("strides", Both(stride)), ("pads", new[] { padding, padding, padding, padding })], inputs)];
    }

    /// <summary>AveragePool.</summary>
    public static string[] AvgPool2d(RecordedCall call)
    {
        var (kernel, stride) = call.Same<AvgPool2dOp, (long, long)>(o => (o.Kernel, o.Stride));
        return [call.Graph.Add("AveragePool", [("kernel_shape", Both(kernel)), ("strides", Both(stride))], call.Input(0))];
    }

    /// <summary>AveragePool along the tokens, which stand last meanwhile.</summary>
    public static string[] AvgPool1d(RecordedCall call)
    {
        long[] kernel = [call.Same<AvgPool1dOp, int>(o => o.Kernel)], order = [0, 2, 1];
        var channels = call.Graph.Add("Transpose", [("perm", order)], call.Input(0));
        var pooled = call.Graph.Add("AveragePool", [("kernel_shape", kernel), ("strides", kernel)], channels);
        return [call.Graph.Add("Transpose", [("perm", order)], pooled)];
    }

    /// <summary>AveragePool where the cells divide the picture.</summary>
    /// <exception cref="OnnxExportException">They do not.</exception>
    public static string[] AdaptiveAvgPool2d(RecordedCall call)
    {
        var (height, width) = call.Same<AdaptiveAvgPool2dOp, (int, int)>(o => (o.Height, o.Width));
        var shape = call.InputShape(0);
        var (rows, columns) = (RecordedCall.Fixed(shape[2], "AdaptiveAvgPool2d"), RecordedCall.Fixed(shape[3], "AdaptiveAvgPool2d"));
        if (rows % height != 0 || columns % width != 0)
            throw new OnnxExportException(
                $"AdaptiveAvgPool2d: ONNX pools windows of one size, and {height}×{width} cells do not divide {rows}×{columns} pixels");
        long[] window = [rows / height, columns / width];
        return [call.Graph.Add("AveragePool", [("kernel_shape", window), ("strides", window)], call.Input(0))];
    }

    /// <summary>Resize.</summary>
    public static string[] Resize(RecordedCall call)
    {
        var mode = call.Same<ResizeOp, ResizeMode>(o => o.Mode);
        var place = mode switch { ResizeMode.Nearest => "asymmetric", ResizeMode.Bilinear => "half_pixel", _ => "align_corners" };
        var kind = mode == ResizeMode.Nearest ? "nearest" : "linear";
        return [call.Graph.Add("Resize", [("mode", kind), ("coordinate_transformation_mode", place), ("nearest_mode", "floor")],
            call.Input(0), "", "", call.Graph.Sizes(call.OutputShape()))];
    }

    private static long[] Both(long size) => [size, size];
}
