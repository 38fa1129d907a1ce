using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Turns the windows of a convolution into a matrix, and back for the gradient.</summary>
/// <remarks>A row holds what one place of the window sees from every position, so a row of the image is copied or added in one go.</remarks>
internal static class Im2Col
{
    private const int Lanes = 8;

    /// <summary>
    /// Row (channel, ky, kx) of columns [C kernelH kernelW, outH outW] holds, for every position (y, x), image [C, H, W] at
    /// (channel, y stride - padding + ky, x stride - padding + kx); outside the image it is 0.
    /// </summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Gather(
        ReadOnlySpan<float> image, int c, int h, int w, int kernelH, int kernelW, int stride, int padding, int outH, int outW, Span<float> columns)
    {
        Check(image.Length, c, h, w, kernelH, kernelW, stride, padding, outH, outW, columns.Length);
        var to = 0;
        for (var channel = 0; channel < c; channel++)
        for (var ky = 0; ky < kernelH; ky++)
        for (var kx = 0; kx < kernelW; kx++)
        {
            var (first, end, left) = Inside(kx, stride, padding, w, outW);
            for (var y = 0; y < outH; y++, to += outW)
            {
                var line = columns.Slice(to, outW);
                var row = (long)y * stride - padding + ky;
                if (row < 0 || row >= h || end <= first)
                {
                    line.Clear();
                    continue;
                }

                line[..first].Clear();
                line[end..].Clear();
                Take(image[(int)(((long)channel * h + row) * w + left)..], stride, line[first..end]);
            }
        }
    }

    /// <summary>The transpose of <see cref="Gather"/>: adds every entry of columns to the pixel it came from.</summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Scatter(
        ReadOnlySpan<float> columns, int c, int h, int w, int kernelH, int kernelW, int stride, int padding, int outH, int outW, Span<float> image)
    {
        Check(image.Length, c, h, w, kernelH, kernelW, stride, padding, outH, outW, columns.Length);
        var from = 0;
        for (var channel = 0; channel < c; channel++)
        for (var ky = 0; ky < kernelH; ky++)
        for (var kx = 0; kx < kernelW; kx++)
        {
            var (first, end, left) = Inside(kx, stride, padding, w, outW);
            for (var y = 0; y < outH; y++, from += outW)
            {
                var row = (long)y * stride - padding + ky;
                if (row < 0 || row >= h || end <= first) continue;
                Give(columns[(from + first)..(from + end)], stride, image[(int)(((long)channel * h + row) * w + left)..]);
            }
        }
    }

    /// <summary>Every stride-th number.</summary>
    private static void Take(ReadOnlySpan<float> pixels, int stride, Span<float> line)
    {
        if (stride == 1)
        {
            pixels[..line.Length].CopyTo(line);
            return;
        }

        var x = 0;
        for (; stride == 2 && x + Lanes <= line.Length && 2 * (x + Lanes) <= pixels.Length; x += Lanes)
        {
            // Of each pair of numbers, seen as one of 64 bits, the lower half is the first.
            var (low, high) = (Vector256.Create(pixels.Slice(2 * x, Lanes)), Vector256.Create(pixels.Slice(2 * x + Lanes, Lanes)));
            Vector256.Narrow(low.AsUInt64(), high.AsUInt64()).AsSingle().CopyTo(line[x..]);
        }

        for (; x < line.Length; x++) line[x] = pixels[x * stride];
    }

    /// <summary>Adds to every stride-th number.</summary>
    private static void Give(ReadOnlySpan<float> line, int stride, Span<float> pixels)
    {
        if (stride == 1)
        {
            var row = pixels[..line.Length];
            TensorPrimitives.Add(row, line, row);
            return;
        }

        var x = 0;
        for (; stride == 2 && x + Lanes <= line.Length && 2 * (x + Lanes) <= pixels.Length; x += Lanes)
        {
            // With a zero after each number, so that the pixels between get nothing.
            var (low, high) = Vector256.Widen(Vector256.Create(line.Slice(x, Lanes)).AsUInt32());
            Span<float> left = pixels.Slice(2 * x, Lanes), right = pixels.Slice(2 * x + Lanes, Lanes);
            (Vector256.Create<float>(left) + low.AsSingle()).CopyTo(left);
            (Vector256.Create<float>(right) + high.AsSingle()).CopyTo(right);
        }

        for (; x < line.Length; x++) pixels[x * stride] += line[x];
    }

    /// <summary>From which position to which a place of the window is inside the image's row, and in which column it is at the first.</summary>
    private static (int First, int End, int Left) Inside(int kx, int stride, int padding, int width, int positions)
    {
        var before = (long)padding - kx;
        var first = before <= 0 ? 0 : (before + stride - 1) / stride;
        var last = width - 1 + before;
        var end = last < 0 ? 0 : Math.Min(positions, last / stride + 1);
        return first >= end ? (0, 0, 0) : ((int)first, (int)end, (int)(first * stride - before));
    }

    private static void Check(
        int imageLength, int c, int h, int w, int kernelH, int kernelW, int stride, int padding, int outH, int outW, int columnsLength)
    {
        if ((c | h | w | padding | outH | outW) < 0 || kernelH < 1 || kernelW < 1 || stride < 1)
            throw new ArgumentException($"Im2Col: impossible sizes: image [{c}, {h}, {w}], kernel {kernelH} x {kernelW}, stride {stride}, padding {padding}, out {outH} x {outW}");
        if ((Int128)c * h * w != imageLength) throw new ArgumentException($"Im2Col: image has {imageLength} elements, not [{c}, {h}, {w}]");
        if ((Int128)outH * outW * c * kernelH * kernelW != columnsLength)
            throw new ArgumentException($"Im2Col: columns has {columnsLength} elements, not [{c} x {kernelH} x {kernelW}, {outH} x {outW}]");
    }
}
