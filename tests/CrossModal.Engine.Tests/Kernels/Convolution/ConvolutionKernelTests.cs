using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class ConvolutionKernelTests
{
    [Fact]
    public void Forward_and_backward_are_the_sums_written_out_and_touch_nothing_else()
    {
        var random = new Random(2);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            var s = new ConvolutionShape(
                random.Next(1, 4), random.Next(1, 5), random.Next(1, 9), random.Next(1, repeat % 3 == 0 ? 40 : 9),
                    random.Next(1, repeat % 5 == 0 ? 40 : 9),
                random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(0, 3));
            if (s.Height + 2 * s.Padding < s.KernelHeight || s.Width + 2 * s.Padding < s.KernelWidth) continue;
            using var x = new GuardedMemory(Numbers.Random(repeat, s.Batch * s.Image), repeat % 2 == 0);
            using var weight = new GuardedMemory(Numbers.Random(repeat + 1, s.Outputs * s.Window), repeat % 2 == 0);
            using var bias = new GuardedMemory(Numbers.Random(repeat + 2, s.Outputs), repeat % 2 == 0);
            using var dy = new GuardedMemory(Numbers.Random(repeat + 3, s.Batch * s.Result), repeat % 2 == 0);
            using var y = new GuardedMemory(s.Batch * s.Result, repeat % 2 == 0);
            using var dx = new GuardedMemory(s.Batch * s.Image, repeat % 2 == 0);
            using var dWeight = new GuardedMemory(s.Outputs * s.Window, repeat % 2 == 0);
            using var dBias = new GuardedMemory(s.Outputs, repeat % 2 == 0);
            ConvolutionKernel.Forward(s, x, weight, bias, y, Workers.Single);
            ConvolutionKernel.Backward(s, x, weight, dy, dx, dWeight, dBias, Workers.Single);

            var sums = Written(s, x, weight, bias, dy);
            Numbers.Close(sums.Y, y, 1e-4, $"y of {s}");
            Numbers.Close(sums.Dx, dx, 1e-4, $"dx of {s}");
            Numbers.Close(sums.DWeight, dWeight, 1e-4, $"dWeight of {s}");
            Numbers.Close(sums.DBias, dBias, 1e-4, $"dBias of {s}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Any_number_of_threads_gives_the_same_bits(int batch)
    {
        var s = new ConvolutionShape(batch, 24, 32, 24, 48, 3, 3, Stride: 2, Padding: 1);
        var (x, weight, bias) = (Numbers.Random(1, batch * s.Image), Numbers.Random(2, s.Outputs * s.Window), Numbers.Random(3, s.Outputs));
        var (one, more) = (new float[batch * s.Result], new float[batch * s.Result]);
        ConvolutionKernel.Forward(s, x, weight, bias, one, Workers.Single);
        foreach (var threads in (int[])[2, 3, 5])
        {
            using var workers = new Workers(threads);
            more.AsSpan().Fill(float.NaN);
            ConvolutionKernel.Forward(s, x, weight, bias, more, workers);
            Numbers.SameBits(one, more, $"{batch} images, {threads} threads");
        }
    }

    [Fact]
    public void A_gradient_that_nobody_wants_is_not_written_and_no_bias_adds_nothing()
    {
        var s = new ConvolutionShape(2, 3, 8, 8, 4, 3, 3, Stride: 1, Padding: 1);
        var (x, weight, dy) = (Numbers.Random(1, 2 * s.Image), Numbers.Random(2, s.Outputs * s.Window), Numbers.Random(3, 2 * s.Result));
        var (y, zero) = (new float[2 * s.Result], new float[2 * s.Result]);
        ConvolutionKernel.Forward(s, x, weight, default, y, Workers.Single);
        ConvolutionKernel.Forward(s, x, weight, new float[4], zero, Workers.Single);
        Numbers.SameBits(zero, y, "y");
        var (dx, dWeight, alone) = (new float[x.Length], new float[weight.Length], new float[weight.Length]);
        ConvolutionKernel.Backward(s, x, weight, dy, dx, dWeight, default, Workers.Single);
        ConvolutionKernel.Backward(s, x, weight, dy, default, alone, default, Workers.Single);
        Numbers.SameBits(dWeight, alone, "dWeight");
    }

    [Fact]
    public void Spans_that_do_not_fit_are_refused()
    {
        var s = new ConvolutionShape(2, 1, 2, 3, 4, 1, 1, Stride: 1, Padding: 0);
        Assert.Contains("x has 11 elements, not [2, 1, 2, 3]", Refused(11, 4, 4, 48));
        Assert.Contains("weight has 5 elements, not [4, 1, 1, 1]", Refused(12, 5, 4, 48));
        Assert.Contains("bias has 3 elements", Refused(12, 4, 3, 48));
        Assert.Contains("y has 47 elements, not [2, 4, 2, 3]", Refused(12, 4, 4, 47));
        Assert.Contains("dx has 1 elements", Assert.Throws<ArgumentException>(() => ConvolutionKernel.Backward(
            s, new float[12], new float[4], new float[48], new float[1], default, default, Workers.Single)).Message);

        string Refused(int x, int weight, int bias, int y) => Assert.Throws<ArgumentException>(() => ConvolutionKernel.Forward(
            s, new float[x], new float[weight], new float[bias], new float[y], Workers.Single)).Message;
    }

    private static (float[] Y, float[] Dx, float[] DWeight, float[] DBias) Written(
        ConvolutionShape s, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, ReadOnlySpan<float> dy)
    {
        var (y, dx, dWeight, dBias) = (new double[s.Batch * s.Result], new double[x.Length], new double[weight.Length],
            new double[bias.Length]);
        for (var i = 0; i < y.Length; i++)
        {
            var (b, o, row, column) = (i / s.Result, i % s.Result / s.Pixels, i % s.Pixels / s.OutWidth, i % s.OutWidth);
            y[i] = bias[o];
            dBias[o] += dy[i];
            for (var w = 0; w < s.Window; w++)
            {
                var (channel, ky, kx) = (w / (s.KernelHeight * s.KernelWidth), w / s.KernelWidth % s.KernelHeight, w % s.KernelWidth);
                var (h, v) = (row * s.Stride - s.Padding + ky, column * s.Stride - s.Padding + kx);
                if (h < 0 || h >= s.Height || v < 0 || v >= s.Width) continue;
                var pixel = b * s.Image + (channel * s.Height + h) * s.Width + v;
                y[i] += (double)x[pixel] * weight[o * s.Window + w];
                dx[pixel] += (double)dy[i] * weight[o * s.Window + w];
                dWeight[o * s.Window + w] += (double)dy[i] * x[pixel];
            }
        }

        return (Rounded(y), Rounded(dx), Rounded(dWeight), Rounded(dBias));

        static float[] Rounded(double[] sums) => Array.ConvertAll(sums, v => (float)v);
    }
}
