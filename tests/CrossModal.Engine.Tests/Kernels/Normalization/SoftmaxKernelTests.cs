using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class SoftmaxKernelTests
{
    private const float Masked = float.NegativeInfinity;

    [Fact]
    public void Every_row_length_to_131_agrees_with_double()
    {
        for (var n = 0; n <= 131; n++) Check(3, n, n);
        Check(2, 1000, 5);
    }

    [Fact]
    public void Masked_entries_get_exactly_0_and_the_others_sum_to_1()
    {
        float[] x = [1, Masked, 3, Masked, Masked, 2, Masked, 0, Masked, -5];
        var y = new float[10];
        SoftmaxKernel.Forward(x, y, 1, 10, Workers.Single);
        for (var i = 0; i < 10; i++) Assert.Equal(x[i] == Masked, y[i] == 0);
        Assert.Equal(1, y.Sum(), 1e-6);
    }

    [Fact]
    public void A_row_with_nothing_gives_zeros_and_zero_gradients()
    {
        for (var n = 1; n <= 20; n++)
        {
            var x = Enumerable.Repeat(Masked, n).ToArray();
            var (y, dx) = (new float[n], new float[n]);
            SoftmaxKernel.Forward(x, y, 1, n, Workers.Single);
            SoftmaxKernel.Backward(y, Numbers.Random(1, n), dx, 1, n, Workers.Single);
            Assert.All(y, v => Assert.Equal(0, v));
            Assert.All(dx, v => Assert.Equal(0, v));
            LogSoftmaxKernel.Forward(x, y, 1, n, Workers.Single);
            LogSoftmaxKernel.Backward(y, Numbers.Random(1, n), dx, 1, n, Workers.Single);
            Assert.All(y, v => Assert.Equal(Masked, v));
            Assert.All(dx, v => Assert.Equal(0, v));
        }
    }

    [Fact]
    public void Large_inputs_do_not_overflow_and_NaN_is_not_hidden()
    {
        var y = new float[3];
        SoftmaxKernel.Forward([1e30f, -1e30f, 1e30f], y, 1, 3, Workers.Single);
        Assert.Equal([0.5f, 0, 0.5f], y);
        LogSoftmaxKernel.Forward([1000, -1000, 1000], y, 1, 3, Workers.Single);
        Numbers.Close([-0.6931472f, -2000.6931f, -0.6931472f], y, 1e-6, "log softmax");
        foreach (var other in (float[])[1, Masked])
        {
            SoftmaxKernel.Forward([other, float.NaN, other], y, 1, 3, Workers.Single);
            Assert.All(y, v => Assert.True(float.IsNaN(v)));
            LogSoftmaxKernel.Forward([other, float.NaN, other], y, 1, 3, Workers.Single);
            Assert.All(y, v => Assert.True(float.IsNaN(v)));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_gives_the_bits_of_one(int threads)
    {
        const int rows = 701, n = 61;
        var x = Numbers.Random(1, rows * n, 5);
        var dy = Numbers.Random(2, rows * n);
        using var workers = new Workers(threads);
        var (y1, y2, d1, d2) = (new float[rows * n], new float[rows * n], new float[rows * n], new float[rows * n]);
        SoftmaxKernel.Forward(x, y1, rows, n, Workers.Single);
        SoftmaxKernel.Forward(x, y2, rows, n, workers);
        SoftmaxKernel.Backward(y1, dy, d1, rows, n, Workers.Single);
        SoftmaxKernel.Backward(y1, dy, d2, rows, n, workers);
        Numbers.SameBits(y1, y2, "forward");
        Numbers.SameBits(d1, d2, "backward");
        LogSoftmaxKernel.Forward(x, y1, rows, n, Workers.Single);
        LogSoftmaxKernel.Forward(x, y2, rows, n, workers);
        LogSoftmaxKernel.Backward(y1, dy, d1, rows, n, Workers.Single);
        LogSoftmaxKernel.Backward(y1, dy, d2, rows, n, workers);
        Numbers.SameBits(y1, y2, "log forward");
        Numbers.SameBits(d1, d2, "log backward");
    }

    [Fact]
    public void Wrong_lengths_are_refused_by_name()
    {
        Assert.Contains("Softmax: y has 5", Assert.Throws<ArgumentException>(() =>
            SoftmaxKernel.Forward(new float[6], new float[5], 2, 3, Workers.Single)).Message);
        Assert.Contains("LogSoftmax: dx has 5",
            Assert.Throws<ArgumentException>(() => LogSoftmaxKernel.Backward(new float[6], new float[6], new float[5], 2, 3,
                Workers.Single)).Message);
        Assert.Contains("negative", Assert.Throws<ArgumentException>(() =>
            SoftmaxKernel.Forward(new float[6], new float[6], -2, -3, Workers.Single)).Message);
    }

    private static void Check(int rows, int n, int seed)
    {
        var atEnd = n % 2 == 0;
        using var x = new GuardedMemory(Numbers.Random(seed, rows * n, 6), atEnd);
        if (n > 2) x.Span[n / 2] = Masked;
        using var y = new GuardedMemory(rows * n, atEnd);
        using var log = new GuardedMemory(rows * n, atEnd);
        using var dy = new GuardedMemory(Numbers.Random(seed + 1, rows * n), atEnd);
        using var dx = new GuardedMemory(rows * n, atEnd);
        using var dlog = new GuardedMemory(rows * n, atEnd);
        SoftmaxKernel.Forward(x, y, rows, n, Workers.Single);
        LogSoftmaxKernel.Forward(x, log, rows, n, Workers.Single);
        SoftmaxKernel.Backward(y, dy, dx, rows, n, Workers.Single);
        LogSoftmaxKernel.Backward(log, dy, dlog, rows, n, Workers.Single);
        for (var row = 0; row < rows; row++)
        {
            var at = row * n;
            double max = Masked, sum = 0, product = 0, total = 0;
            for (var i = 0; i < n; i++) max = Math.Max(max, x.Span[at + i]);
            for (var i = 0; i < n; i++) sum += Math.Exp(x.Span[at + i] - max);
            double P(int i) => Math.Exp(x.Span[at + i] - max) / sum;
            for (var i = 0; i < n; i++)
            {
                product += P(i) * dy.Span[at + i];
                total += dy.Span[at + i];
            }

            for (var i = 0; i < n; i++)
            {
                var masked = x.Span[at + i] == Masked;
                Near(P(i), y.Span[at + i], 3e-7, $"y, n {n}");
                if (masked) Assert.Equal(Masked, log.Span[at + i]);
                else Near(x.Span[at + i] - max - Math.Log(sum), log.Span[at + i], 3e-6, $"log, n {n}");
                Near(P(i) * (dy.Span[at + i] - product), dx.Span[at + i], 1e-6, $"dx, n {n}");
                Near(masked ? 0 : dy.Span[at + i] - P(i) * total, dlog.Span[at + i], 4e-6, $"dlog, n {n}");
            }
        }
    }

    private static void Near(double expected, float actual, double tolerance, string what)
        => Assert.True(Math.Abs(expected - actual) <= tolerance, $"{what}: {actual:R}, expected {expected:R}");
}
