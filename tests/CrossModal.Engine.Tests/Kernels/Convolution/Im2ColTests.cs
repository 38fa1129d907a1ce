using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class Im2ColTests
{
    [Fact]
    public void Every_row_holds_what_a_place_of_the_window_sees_and_scatter_is_the_transpose()
    {
        var random = new Random(1);
        for (var repeat = 0; repeat < 300; repeat++)
        {
            var (c, h, w) = (random.Next(1, 4), random.Next(1, 9), random.Next(1, repeat % 3 == 0 ? 40 : 9));
            var (kh, kw, stride, padding) = (random.Next(1, 5), random.Next(1, 5), random.Next(1, 4), random.Next(0, 6));
            var (outH, outW) = ((h + 2 * padding - kh) / stride + 1, (w + 2 * padding - kw) / stride + 1);
            if (h + 2 * padding < kh || w + 2 * padding < kw) continue;
            var shape = new ConvolutionShape(1, c, h, w, 1, kh, kw, stride, padding);
            using var image = new GuardedMemory(Numbers.Random(repeat, c * h * w), repeat % 2 == 0);
            using var columns = new GuardedMemory(outH * outW * c * kh * kw, repeat % 2 == 0);
            using var back = new GuardedMemory(new float[c * h * w], repeat % 2 == 0);
            Im2Col.Gather(shape, image, columns);
            var weights = Numbers.Random(repeat + 1, columns.Span.Length);
            Im2Col.Scatter(shape, weights, back);

            var (expected, sums) = (new float[columns.Span.Length], new float[c * h * w]);
            for (var i = 0; i < expected.Length; i++)
            {
                var (place, x) = (i / (outH * outW), i % (outH * outW));
                var (channel, ky, kx) = (place / (kh * kw), place / kw % kh, place % kw);
                var (row, column) = (x / outW * stride - padding + ky, x % outW * stride - padding + kx);
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                expected[i] = image.Span[(channel * h + row) * w + column];
                sums[(channel * h + row) * w + column] += weights[i];
            }

            Numbers.SameBits(expected, columns, $"columns, case {repeat}");
            Numbers.Close(sums, back, 1e-5, $"image, case {repeat}");
        }
    }

    [Fact]
    public unsafe void Panels_hold_the_rows_of_the_matrix_sixteen_positions_at_a_time_for_any_width()
    {
        foreach (var outWidth in (int[])[1, 7, 8, 15, 16, 17, 31, 32, 33, 48])
            foreach (var stride in (int[])[1, 2, 3])
                foreach (var outHeight in (int[])[1, 4, 5])
                {
                    const int kernel = 3, padding = 1, channels = 2;
                    var (height, width) = ((outHeight - 1) * stride + kernel - 2 * padding, (outWidth - 1) * stride + kernel - 2 * padding);
                    var shape = new ConvolutionShape(1, channels, height, width, 1, kernel, kernel, stride, padding);
                    using var image = new GuardedMemory(Numbers.Random(outWidth, channels * height * width), outHeight % 2 == 0);
                    var rows = new float[shape.Window * shape.Pixels];
                    Im2Col.Gather(shape, image, rows);
                    for (var first = 0; first < shape.Pixels; first += 2 * MatrixTile.Columns)
                        for (var end = first + MatrixTile.Columns; end < shape.Pixels + MatrixTile.Columns; end += MatrixTile.Columns)
                            CheckPanels(shape, image, rows, first, Math.Min(end, shape.Pixels));
                }
    }

    private static unsafe void CheckPanels(in ConvolutionShape s, GuardedMemory image, float[] rows, int first, int end)
    {
        var panels = (end - first + MatrixTile.Columns - 1) / MatrixTile.Columns;
        using var actual = new GuardedMemory(panels * s.Window * MatrixTile.Columns, first % 32 == 0);
        fixed (float* from = image.Span, to = actual.Span) Im2Col.GatherPanels(s, from, first, end, to);
        var expected = new float[actual.Span.Length];
        for (var position = first; position < end; position++)
        {
            var (panel, column) = Math.DivRem(position - first, MatrixTile.Columns);
            for (var place = 0; place < s.Window; place++)
                expected[(panel * s.Window + place) * MatrixTile.Columns + column] = rows[place * s.Pixels + position];
        }

        Numbers.SameBits(expected, actual, $"positions {first} to {end} of {s}");
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        var shape = new ConvolutionShape(1, 1, 2, 3, 1, 1, 1, 1, 0);
        Assert.Contains("image has 5", Refused(shape, 5, 6));
        Assert.Contains("columns has 5", Refused(shape, 6, 5));
        Assert.Contains("stride 0", Refused(shape with { Stride = 0 }, 6, 6));
        Assert.Contains("kernel 3 x 1", Refused(shape with { KernelHeight = 3 }, 6, 0));
        Assert.Contains("padding -1", Refused(shape with { Padding = -1 }, 6, 6));

        static string Refused(ConvolutionShape shape, int image, int columns)
        {
            var message = Assert.Throws<ArgumentException>(() => Im2Col.Gather(shape, new float[image], new float[columns])).Message;
            Assert.Equal(message, Assert.Throws<ArgumentException>(() =>
                Im2Col.Scatter(shape, new float[columns], new float[image])).Message);
            return message;
        }
    }
}
