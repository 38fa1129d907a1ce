using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class LayerNormKernelTests
{
    [Fact]
    public void Every_width_to_131_agrees_with_double()
    {
        for (var d = 1; d <= 131; d++) Check(3, d, affine: d % 3 != 0, seed: d, Workers.Single);
        Check(2, 1024, true, 1, Workers.Single);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_is_right_and_repeats_its_bits(int threads)
    {
        using var workers = new Workers(threads);
        var first = Check(500, 67, true, 7, workers);
        for (var repeat = 0; repeat < 3; repeat++)
        {
            var again = Check(500, 67, true, 7, workers);
            for (var i = 0; i < first.Length; i++) Numbers.SameBits(first[i], again[i], $"output {i}");
        }
    }

    [Fact]
    public void A_constant_row_gives_exactly_beta()
    {
        foreach (var value in (float[])[0.1f, 3.3333f, -1e6f, 1e-20f, 16777217f])
        {
            for (var d = 1; d <= 100; d++)
            {
                var x = Enumerable.Repeat(value, d).ToArray();
                var y = new float[d];
                LayerNormKernel.Forward(x, default, default, y, default, default, 1, d, 1e-5f, Workers.Single);
                Assert.All(y, v => Assert.Equal(0, v));
            }
        }
    }

    [Fact]
    public void A_large_offset_does_not_spoil_the_variance()
    {
        const int d = 64;
        var x = Numbers.Random(1, d);
        var shifted = x.Select(v => MathF.Round(v * 64) + 100_000).ToArray();
        var (expected, actual) = (new float[d], new float[d]);
        LayerNormKernel.Forward([.. shifted.Select(v => v - 100_000)], default, default, expected, default, default, 1, d, 1e-5f,
            Workers.Single);
        LayerNormKernel.Forward(shifted, default, default, actual, default, default, 1, d, 1e-5f, Workers.Single);
        Numbers.Close(expected, actual, 5e-4, "shifted");
    }

    [Fact]
    public void Wrong_lengths_are_refused_by_name()
    {
        var x = new float[6];
        Assert.Contains("LayerNorm: gamma has 2",
            Assert.Throws<ArgumentException>(() => LayerNormKernel.Forward(x, new float[2], default, x, default, default, 2, 3, 1e-5f,
                Workers.Single)).Message);
        Assert.Contains("LayerNorm: mean has 0",
            Assert.Throws<ArgumentException>(() => LayerNormKernel.Backward(x, default, default, default, x, x, default, default, 2, 3,
                false, Workers.Single)).Message);
    }

    private static float[][] Check(int rows, int d, bool affine, int seed, Workers workers)
    {
        const float eps = 1e-5f;
        var atEnd = d % 2 == 0;
        using var x = new GuardedMemory(Numbers.Random(seed, rows * d, 3), atEnd);
        using var gamma = new GuardedMemory(Numbers.Random(seed + 1, affine ? d : 0), atEnd);
        using var beta = new GuardedMemory(Numbers.Random(seed + 2, affine ? d : 0), atEnd);
        using var dy = new GuardedMemory(Numbers.Random(seed + 3, rows * d), atEnd);
        using var y = new GuardedMemory(rows * d, atEnd);
        using var dx = new GuardedMemory(rows * d, atEnd);
        using var mean = new GuardedMemory(rows, atEnd);
        using var inverse = new GuardedMemory(rows, atEnd);
        using var dgamma = new GuardedMemory(affine ? d : 0, atEnd);
        using var dbeta = new GuardedMemory(affine ? d : 0, atEnd);
        LayerNormKernel.Forward(x, gamma, beta, y, mean, inverse, rows, d, eps, workers);
        LayerNormKernel.Backward(x, gamma, mean, inverse, dy, dx, dgamma, dbeta, rows, d, false, workers);

        var (expectedY, expectedDx) = (new float[rows * d], new float[rows * d]);
        var (sumGamma, sumBeta) = (new double[d], new double[d]);
        for (var row = 0; row < rows; row++)
        {
            var at = row * d;
            double m = 0, variance = 0, meanG = 0, meanGh = 0;
            for (var i = 0; i < d; i++) m += x.Span[at + i] / (double)d;
            for (var i = 0; i < d; i++) variance += (x.Span[at + i] - m) * (x.Span[at + i] - m) / d;
            var r = 1 / Math.Sqrt(variance + eps);
            double H(int i) => (x.Span[at + i] - m) * r;
            double G(int i) => dy.Span[at + i] * (affine ? gamma.Span[i] : 1.0);
            for (var i = 0; i < d; i++)
            {
                expectedY[at + i] = (float)(H(i) * (affine ? gamma.Span[i] : 1.0) + (affine ? beta.Span[i] : 0.0));
                meanG += G(i) / d;
                meanGh += G(i) * H(i) / d;
                sumGamma[i] += dy.Span[at + i] * H(i);
                sumBeta[i] += dy.Span[at + i];
            }

            for (var i = 0; i < d; i++) expectedDx[at + i] = (float)(r * (G(i) - meanG - H(i) * meanGh));
        }

        Numbers.Close(expectedY, y, 3e-6, $"y, d {d}");
        // With one column the deviation is sqrt(eps): errors of the mean are magnified by its inverse.
        Numbers.Close(expectedDx, dx, d == 1 ? 1e-3 : 2e-5, $"dx, d {d}");
        if (affine)
        {
            Numbers.Close([.. sumGamma.Select(v => (float)v)], dgamma, 2e-6 * rows, $"dgamma, d {d}");
            Numbers.Close([.. sumBeta.Select(v => (float)v)], dbeta, 2e-6 * rows, $"dbeta, d {d}");
        }

        // Added to what is there: the same numbers, one rounding later.
        using var sum = new GuardedMemory(expectedY, atEnd);
        LayerNormKernel.Backward(x, gamma, mean, inverse, dy, sum, default, default, rows, d, true, workers);
        for (var i = 0; i < sum.Span.Length; i++) Assert.Equal(dx.Span[i] + expectedY[i], sum.Span[i]);
        if (affine)
        {
            expectedY.CopyTo(sum.Span);
            LayerNormKernel.Backward(x, gamma, mean, inverse, dy, sum, dgamma, dbeta, rows, d, true, workers);
            for (var i = 0; i < sum.Span.Length; i++) Assert.Equal(dx.Span[i] + expectedY[i], sum.Span[i]);
        }

        return [y.Span.ToArray(), dx.Span.ToArray(), dgamma.Span.ToArray(), dbeta.Span.ToArray()];
    }
}
