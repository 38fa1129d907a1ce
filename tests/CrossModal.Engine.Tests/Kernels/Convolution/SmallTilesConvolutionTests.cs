using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class SmallTilesConvolutionTests
{
    [Fact]
    public void It_equals_the_convolution_of_planes_and_touches_nothing_else()
    {
        var random = new Random(5);
        for (var repeat = 0; repeat < 60; repeat++)
        {
            var s = new ConvolutionShape(random.Next(1, 3), 8 * random.Next(4, 9), random.Next(3, 14), random.Next(3, 14),
                8 * random.Next(4, 9), 3, 3, Stride: 1, Padding: random.Next(0, 3));
            float[] planes = Numbers.Random(repeat, s.Batch * s.Image), weight = Numbers.Random(repeat + 1, s.Outputs * s.Window, 0.1f),
                bias = Numbers.Random(repeat + 2, s.Outputs);
            var expected = new float[s.Batch * s.Result];
            ConvolutionKernel.Forward(s, planes, weight, bias, expected, Workers.Single);
            var pixels = Pixels.Of(expected, s.Batch, s.Outputs, s.Pixels);

            var (atEnd, isFramed) = (repeat % 2 == 0, repeat % 3 == 0);
            var plain = Pixels.Of(planes, s.Batch, s.Channels, s.Height * s.Width);
            using var x = new GuardedMemory(
                isFramed ? Pixels.Framed(plain, s.Batch, s.Height, s.Width, s.Channels, s.Padding) : plain, atEnd);
            using var residual = new GuardedMemory(Numbers.Random(repeat + 3, s.Batch * s.Result), atEnd);
            using var guardedBias = new GuardedMemory(bias, atEnd);
            using var y = new GuardedMemory(s.Batch * s.Result, atEnd);
            var packed = SmallTilesConvolution.Pack(s, weight);
            packed.Run(s, x, isFramed, guardedBias, EpilogueActivation.Relu, residual, y, Workers.Single);
            ReadOnlySpan<float> added = residual;
            for (var i = 0; i < pixels.Length; i++) pixels[i] = Math.Max(0, pixels[i]) + added[i];
            Numbers.Close(pixels, y, 2e-5, $"y of {s} framed {isFramed}");

            residual.Span.CopyTo(y);
            var apart = new float[s.Batch * s.Result];
            packed.Run(s, x, isFramed, default, EpilogueActivation.None, residual, apart, Workers.Single);
            packed.Run(s, x, isFramed, default, EpilogueActivation.None, y, y, Workers.Single);
            Numbers.SameBits(apart, y, $"onto the residual of {s}");
        }
    }

    [Fact]
    public void Any_number_of_threads_and_any_batch_gives_the_same_bits()
    {
        var s = new ConvolutionShape(5, 64, 9, 8, 64, 3, 3, Stride: 1, Padding: 1);
        var (x, weight) = (Numbers.Random(1, s.Batch * s.Image), SmallTilesConvolution.Pack(s, Numbers.Random(2, s.Outputs * s.Window)));
        var (one, more) = (new float[s.Batch * s.Result], new float[s.Batch * s.Result]);
        weight.Run(s, x, false, default, EpilogueActivation.None, default, one, Workers.Single);
        foreach (var threads in (int[])[2, 3])
        {
            using var workers = new Workers(threads);
            more.AsSpan().Fill(float.NaN);
            weight.Run(s, x, false, default, EpilogueActivation.None, default, more, workers);
            Numbers.SameBits(one, more, $"{threads} threads");
        }

        for (var i = 0; i < s.Batch; i++)
            weight.Run(s with { Batch = 1 }, x.AsSpan(i * s.Image, s.Image), false, default, EpilogueActivation.None, default,
                more.AsSpan(i * s.Result, s.Result), Workers.Single);
        Numbers.SameBits(one, more, "one by one");
    }

    [Fact]
    public void It_suits_windows_of_three_with_channels_enough_and_refuses_other_lengths()
    {
        var s = new ConvolutionShape(1, 64, 8, 8, 64, 3, 3, Stride: 1, Padding: 1);
        Assert.True(SmallTilesConvolution.Suits(s));
        Assert.False(SmallTilesConvolution.Suits(s with { Stride = 2 }));
        Assert.False(SmallTilesConvolution.Suits(s with { KernelWidth = 1 }));
        Assert.False(SmallTilesConvolution.Suits(s with { Channels = 24 }));
        Assert.False(SmallTilesConvolution.Suits(s with { Outputs = 65 }));
        Assert.False(SmallTilesConvolution.Suits(s with { Height = 1 }));
        var weight = SmallTilesConvolution.Pack(s, new float[s.Outputs * s.Window]);
        Assert.Throws<ArgumentException>(() => SmallTilesConvolution.Pack(s, new float[5]));
        Assert.Throws<ArgumentException>(() => weight.Run(s, new float[s.Image - 1], false, default, EpilogueActivation.None, default,
            new float[s.Result], Workers.Single));
        Assert.Throws<ArgumentException>(() => weight.Run(s with { Outputs = 32 }, new float[s.Image], false, default,
            EpilogueActivation.None, default, new float[32 * s.Pixels], Workers.Single));
    }
}
