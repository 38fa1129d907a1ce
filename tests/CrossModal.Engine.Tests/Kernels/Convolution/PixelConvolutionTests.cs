using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class PixelConvolutionTests
{
    [Fact]
    public void It_equals_the_convolution_of_planes_and_touches_nothing_else()
    {
        var random = new Random(3);
        for (var repeat = 0; repeat < 150; repeat++)
        {
            var s = new ConvolutionShape(
                random.Next(1, 3), random.Next(1, 30), random.Next(1, 12), random.Next(1, 20), random.Next(1, 50),
                random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(0, 3));
            if (s.Height + 2 * s.Padding < s.KernelHeight || s.Width + 2 * s.Padding < s.KernelWidth) continue;
            float[] planes = Numbers.Random(repeat, s.Batch * s.Image), weight = Numbers.Random(repeat + 1, s.Outputs * s.Window),
                bias = Numbers.Random(repeat + 2, s.Outputs);
            var expected = new float[s.Batch * s.Result];
            ConvolutionKernel.Forward(s, planes, weight, bias, expected, Workers.Single);

            using var x = new GuardedMemory(Pixels.Of(planes, s.Batch, s.Channels, s.Height * s.Width), repeat % 2 == 0);
            using var residual = new GuardedMemory(Numbers.Random(repeat + 3, s.Batch * s.Result), repeat % 2 == 0);
            using var y = new GuardedMemory(s.Batch * s.Result, repeat % 2 == 0);
            using var guardedBias = new GuardedMemory(bias, repeat % 2 == 0);
            var packed = PixelConvolution.Pack(s, weight);
            residual.Span.CopyTo(y);
            PixelConvolution.Run(s, x, packed, guardedBias, EpilogueActivation.Relu, y, y, isWide: true, Workers.Single);
            var wide = y.Span.ToArray();
            y.Span.Fill(float.NaN);
            PixelConvolution.Run(s, x, packed, guardedBias, EpilogueActivation.Relu, residual, y, isWide: false, Workers.Single);
            Numbers.SameBits(y, wide, $"y in vectors of 512 bits of {s}");

            var pixels = Pixels.Of(expected, s.Batch, s.Outputs, s.Pixels);
            ReadOnlySpan<float> added = residual;
            for (var i = 0; i < pixels.Length; i++) pixels[i] = Math.Max(0, pixels[i]) + added[i];
            Numbers.Close(pixels, y, 1e-4, $"y of {s}");
        }
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        var s = new ConvolutionShape(3, 24, 32, 24, 48, 3, 3, Stride: 2, Padding: 1);
        var (x, weight) = (Numbers.Random(1, s.Batch * s.Image), PixelConvolution.Pack(s, Numbers.Random(2, s.Outputs * s.Window)));
        var (one, more) = (new float[s.Batch * s.Result], new float[s.Batch * s.Result]);
        PixelConvolution.Run(s, x, weight, default, EpilogueActivation.None, default, one, Workers.Single);
        foreach (var threads in (int[])[2, 3, 5])
        {
            using var workers = new Workers(threads);
            more.AsSpan().Fill(float.NaN);
            PixelConvolution.Run(s, x, weight, default, EpilogueActivation.None, default, more, workers);
            Numbers.SameBits(one, more, $"{threads} threads");
        }
    }

    [Fact]
    public void Maps_in_frames_give_the_same_bits_and_their_frames_are_zeros()
    {
        var random = new Random(7);
        for (var repeat = 0; repeat < 40; repeat++)
        {
            var s = new ConvolutionShape(random.Next(1, 3), random.Next(1, 30), random.Next(6, 12), random.Next(13, 20), random.Next(9, 50),
                3, 3, random.Next(1, 3), random.Next(0, 3));
            var (around, x) = (random.Next(0, 3), Numbers.Random(repeat, s.Batch * s.Image));
            var weight = PixelConvolution.Pack(s, Numbers.Random(repeat + 1, s.Outputs * s.Window));
            var bias = Numbers.Random(repeat + 2, s.Outputs);
            var plain = new float[s.Batch * s.Result];
            PixelConvolution.Run(s, x, weight, bias, EpilogueActivation.Silu, default, plain, isWide: true, Workers.Single);

            using var framed = new GuardedMemory(Pixels.Framed(x, s.Batch, s.Height, s.Width, s.Channels, s.Padding), repeat % 2 == 0);
            using var y = new GuardedMemory(PixelFrames.Length(s.Batch, s.OutHeight, s.OutWidth, s.Outputs, around), repeat % 2 == 0);
            using var workers = new Workers(1 + repeat % 3);
            PixelConvolution.Run(
                s, framed, weight, bias, EpilogueActivation.Silu, default, y, new PixelFrames(true, around), isWide: true, workers);
            Numbers.SameBits(Pixels.Framed(plain, s.Batch, s.OutHeight, s.OutWidth, s.Outputs, around), y, $"{s} around {around}");
        }
    }

    [Fact]
    public void Frames_are_refused_by_tiles_for_vectors_of_256_bits()
    {
        var s = new ConvolutionShape(1, 3, 9, 13, 24, 3, 3, Stride: 1, Padding: 1);
        var weight = PixelConvolution.Pack(s, new float[s.Outputs * s.Window]);
        var (x, frames) = (Pixels.Framed(new float[s.Image], 1, s.Height, s.Width, s.Channels, s.Padding), new PixelFrames(true, 0));
        Assert.Throws<ArgumentException>(() => PixelConvolution.Run(
            s, x, weight, default, EpilogueActivation.None, default, new float[s.Result], frames, isWide: false, Workers.Single));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        var s = new ConvolutionShape(1, 2, 4, 4, 3, 3, 3, Stride: 1, Padding: 1);
        var weight = PixelConvolution.Pack(s, new float[s.Outputs * s.Window]);
        Assert.Throws<ArgumentException>(() => PixelConvolution.Pack(s, new float[5]));
        Assert.Throws<ArgumentException>(() => PixelConvolution.Run(s, new float[s.Image - 1], weight, default, EpilogueActivation.None,
            default, new float[s.Result], Workers.Single));
        Assert.Throws<ArgumentException>(() => PixelConvolution.Run(s, new float[s.Image], weight, default, EpilogueActivation.None,
            default, new float[s.Result + 1], Workers.Single));
        Assert.Throws<ArgumentException>(() => PixelConvolution.Run(s with { Outputs = 2 }, new float[s.Image], weight, default,
            EpilogueActivation.None, default, new float[2 * s.Pixels], Workers.Single));
    }
}
