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
