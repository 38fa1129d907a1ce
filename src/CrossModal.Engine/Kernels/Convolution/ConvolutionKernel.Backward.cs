using System.Buffers;
using System.Numerics.Tensors;

namespace CrossModal.Engine.Kernels;

internal static partial class ConvolutionKernel
{
    /// <summary>Writes the gradients of x, weight and bias that are not empty.</summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Backward(
        in ConvolutionShape s, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> dy,
        Span<float> dx, Span<float> dWeight, Span<float> dBias, Workers workers)
    {
        Check(s, x.Length, weight.Length, dy.Length);
        RowSplit.Check("Convolution", "dx", dx.Length, s.Batch, s.Image, mayBeEmpty: true);
        RowSplit.Check("Convolution", "dWeight", dWeight.Length, s.Outputs, s.Window, mayBeEmpty: true);
        RowSplit.Check("Convolution", "dBias", dBias.Length, 1, s.Outputs, mayBeEmpty: true);
        var rented = ArrayPool<float>.Shared.Rent(s.Window * s.Pixels);
        var columns = rented.AsSpan(0, s.Window * s.Pixels);
        // Both weights transposed, [K, O]: what is copied for a product is then never the windows, which are by far the largest operand.
        var turned = ArrayPool<float>.Shared.Rent(2 * s.Window * s.Outputs);
        var turnedWeight = turned.AsSpan(0, s.Window * s.Outputs);
        var turnedGradient = turned.AsSpan(s.Window * s.Outputs, s.Window * s.Outputs);
        if (!dx.IsEmpty) Transpose(weight, s.Outputs, s.Window, turnedWeight);
        dx.Clear();
        turnedGradient.Clear();
        dBias.Clear();
        for (var b = 0; b < s.Batch; b++)
        {
            var dResult = dy.Slice(b * s.Result, s.Result);
            for (var o = 0; o < dBias.Length; o++) dBias[o] += TensorPrimitives.Sum(dResult.Slice(o * s.Pixels, s.Pixels));
            if (!dWeight.IsEmpty)
            {
                // Σ over p of windows[w, p] dy[o, p]
                Im2Col.Gather(s, x.Slice(b * s.Image, s.Image), columns);
                MatrixProduct.Run(s.Window, s.Outputs, s.Pixels, columns, s.Pixels, 1, dResult, 1, s.Pixels, turnedGradient, s.Outputs,
                    default, accumulate: true, workers);
            }

            if (dx.IsEmpty) continue;
            MatrixProduct.Run(s.Window, s.Pixels, s.Outputs, turnedWeight, s.Outputs, 1, dResult, s.Pixels, 1, columns, s.Pixels, default,
                accumulate: false, workers);
            Im2Col.Scatter(s, columns, dx.Slice(b * s.Image, s.Image));
        }

        if (!dWeight.IsEmpty) Transpose(turnedGradient, s.Window, s.Outputs, dWeight);
        ArrayPool<float>.Shared.Return(turned);
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void Transpose(ReadOnlySpan<float> from, int rows, int columns, Span<float> to)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
        }
    }
}
