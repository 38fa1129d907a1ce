namespace CrossModal.Engine.Kernels;

/// <summary>Turns the windows of a convolution into rows of a matrix, and back for the gradient.</summary>
internal static class Im2Col
{
    /// <summary>
    /// Row (y, x) of columns [outH outW, C kernelH kernelW] is the window of image [C, H, W] whose corner is at
    /// (y stride - padding, x stride - padding); outside the image it is 0.
    /// </summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Gather(
        ReadOnlySpan<float> image, int c, int h, int w, int kernelH, int kernelW, int stride, int padding, int outH, int outW, Span<float> columns)
    {
        Check(image.Length, c, h, w, kernelH, kernelW, stride, padding, outH, outW, columns.Length);
        var to = 0;
        for (var y = 0; y < outH; y++)
        {
            for (var x = 0; x < outW; x++)
            {
                var (left, skip, run) = Overlap((long)x * stride - padding, kernelW, w);
                for (var channel = 0; channel < c; channel++)
                {
                    for (var ky = 0; ky < kernelH; ky++, to += kernelW)
                    {
                        var window = columns.Slice(to, kernelW);
                        var row = (long)y * stride - padding + ky;
                        if (run == 3 && kernelW == 3 && row >= 0 && row < h)
                        {
                            // Nearly every window of the usual convolution: a call to copy three numbers costs more than the numbers.
                            var three = image.Slice((int)(((long)channel * h + row) * w) + left, 3);
                            (window[2], window[1], window[0]) = (three[2], three[1], three[0]);
                            continue;
                        }

                        if (row < 0 || row >= h || run == 0)
                        {
                            window.Clear();
                            continue;
                        }

                        window[..skip].Clear();
                        image.Slice((int)(((long)channel * h + row) * w) + left, run).CopyTo(window[skip..]);
                        window[(skip + run)..].Clear();
                    }
                }
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
        for (var y = 0; y < outH; y++)
        {
            for (var x = 0; x < outW; x++)
            {
                var (left, skip, run) = Overlap((long)x * stride - padding, kernelW, w);
                for (var channel = 0; channel < c; channel++)
                {
                    for (var ky = 0; ky < kernelH; ky++, from += kernelW)
                    {
                        var row = (long)y * stride - padding + ky;
                        if (row < 0 || row >= h) continue;
                        var pixels = image.Slice((int)(((long)channel * h + row) * w) + left, run);
                        var window = columns.Slice(from + skip, run);
                        if (run == 3)
                        {
                            pixels[2] += window[2];
                            pixels[1] += window[1];
                            pixels[0] += window[0];
                            continue;
                        }

                        for (var i = 0; i < run; i++) pixels[i] += window[i];
                    }
                }
            }
        }
    }

    /// <summary>Which part of a window that starts at <paramref name="start"/> lies in a row of <paramref name="width"/> pixels.</summary>
    private static (int Left, int Skip, int Run) Overlap(long start, int kernel, int width)
    {
        var skip = (int)Math.Clamp(-start, 0, kernel);
        var run = (int)Math.Clamp(width - (start + skip), 0, kernel - skip);
        return run == 0 ? (0, kernel, 0) : ((int)(start + skip), skip, run);
    }

    private static void Check(
        int imageLength, int c, int h, int w, int kernelH, int kernelW, int stride, int padding, int outH, int outW, int columnsLength)
    {
        if ((c | h | w | padding | outH | outW) < 0 || kernelH < 1 || kernelW < 1 || stride < 1)
            throw new ArgumentException($"Im2Col: impossible sizes: image [{c}, {h}, {w}], kernel {kernelH} x {kernelW}, stride {stride}, padding {padding}, out {outH} x {outW}");
        if ((Int128)c * h * w != imageLength) throw new ArgumentException($"Im2Col: image has {imageLength} elements, not [{c}, {h}, {w}]");
        if ((Int128)outH * outW * c * kernelH * kernelW != columnsLength)
            throw new ArgumentException($"Im2Col: columns has {columnsLength} elements, not [{outH} x {outW}, {c} x {kernelH} x {kernelW}]");
    }
}
