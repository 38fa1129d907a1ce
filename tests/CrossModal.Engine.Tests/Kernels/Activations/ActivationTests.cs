using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class ActivationTests
{
    [Fact]
    public void Relu_agrees_with_double() => Check<Relu>(x => Math.Max(x, 0));

    [Fact]
    public void Gelu_agrees_with_double() => Check<Gelu>(x => 0.5 * x * (1 + Truth.Erf(x / Math.Sqrt(2))));

    [Fact]
    public void GeluTanh_agrees_with_double()
        => Check<GeluTanh>(x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));

    [Fact]
    public void QuickGelu_agrees_with_double() => Check<QuickGelu>(x => x / (1 + Math.Exp(-1.702 * x)));

    [Fact]
    public void Silu_agrees_with_double() => Check<Silu>(x => x / (1 + Math.Exp(-x)));

    [Fact]
    public void Sigmoid_agrees_with_double() => Check<Sigmoid>(x => 1 / (1 + Math.Exp(-x)));

    [Fact]
    public void Tanh_agrees_with_double() => Check<Tanh>(Math.Tanh);

    [Fact]
    public void Exp_agrees_with_double() => Check<Exp>(Math.Exp);

    [Fact]
    public void Log_agrees_with_double() => Check<Log>(Math.Log, positive: true);

    [Fact]
    public void Sqrt_agrees_with_double() => Check<Sqrt>(Math.Sqrt, positive: true);

    [Fact]
    public void Square_agrees_with_double() => Check<Square>(x => x * x);

    [Fact]
    public void Reciprocal_agrees_with_double() => Check<Reciprocal>(x => 1 / x, positive: true);

    [Fact]
    public void Far_inputs_saturate_without_NaN()
    {
        Saturates<Gelu>();
        Saturates<GeluTanh>();
        Saturates<QuickGelu>();
        Saturates<Silu>();
        Saturates<Relu>();
        foreach (var x in (float[])[1e30f, float.PositiveInfinity, 200, 30])
        {
            Assert.Equal((1f, 0f), At<Tanh>(x));
            Assert.Equal((-1f, 0f), At<Tanh>(-x));
            Assert.Equal((1f, 0f), At<Sigmoid>(x));
            Assert.InRange(At<Sigmoid>(-x).Slope, 0, 1e-12f);
        }
    }

    [Fact]
    public void NaN_is_not_hidden()
    {
        Assert.True(float.IsNaN(At<Relu>(float.NaN).Value));
        Assert.True(float.IsNaN(At<Gelu>(float.NaN).Value));
        Assert.True(float.IsNaN(At<GeluTanh>(float.NaN).Value));
        Assert.True(float.IsNaN(At<QuickGelu>(float.NaN).Value));
        Assert.True(float.IsNaN(At<Silu>(float.NaN).Value));
    }

    [Fact]
    public void Long_spans_give_the_same_bits_on_any_number_of_threads()
    {
        var x = Numbers.Random(1, 100_003, 4);
        var dy = Numbers.Random(2, x.Length);
        var (y, dx) = (new float[x.Length], new float[x.Length]);
        Activations.Apply<Gelu>(x, y, Workers.Single);
        Activations.Backward<Gelu>(x, y, dy, dx, Workers.Single);
        foreach (var threads in (int[])[2, 3])
        {
            using var workers = new Workers(threads);
            var (y2, dx2) = (new float[x.Length], new float[x.Length]);
            Activations.Apply<Gelu>(x, y2, workers);
            Activations.Backward<Gelu>(x, y2, dy, dx2, workers);
            Numbers.SameBits(y, y2, "value");
            Numbers.SameBits(dx, dx2, "gradient");
        }
    }

    [Fact]
    public void Value_and_derivative_together_are_the_bits_of_each_alone()
    {
        for (var length = 0; length <= 67; length++)
        {
            using var x = new GuardedMemory(Numbers.Random(length, length, 9), length % 2 == 0);
            using var y = new GuardedMemory(length, length % 2 == 0);
            using var derivative = new GuardedMemory(length, length % 2 == 0);
            var (value, slope, ones) = (new float[length], new float[length], new float[length]);
            Array.Fill(ones, 1);
            Activations.Apply<Gelu>(x, value, Workers.Single);
            Activations.Backward<Gelu>(x, value, ones, slope, Workers.Single);
            Activations.ApplyWithDerivative<Gelu>(x, y, derivative, Workers.Single);
            Numbers.SameBits(value, y.Span.ToArray(), "value");
            Numbers.SameBits(slope, derivative.Span.ToArray(), "derivative");
        }
    }

    [Fact]
    public void Spans_of_different_length_are_refused()
    {
        Assert.Contains("Relu", Assert.Throws<ArgumentException>(() =>
            Activations.Apply<Relu>(new float[3], new float[4], Workers.Single)).Message);
        Assert.Throws<ArgumentException>(() => Activations.Backward<Relu>(new float[3], new float[3], new float[4], new float[3],
            Workers.Single));
    }

    private static void Saturates<TActivation>() where TActivation : struct, IActivation
    {
        foreach (var x in (float[])[1e30f, 1e38f, float.PositiveInfinity, 200])
        {
            Assert.Equal((x, 1f), At<TActivation>(x));
            var (value, slope) = At<TActivation>(-x);
            Assert.InRange(Math.Abs(value), 0, 1e-20f);
            Assert.InRange(Math.Abs(slope), 0, 1e-20f);
        }
    }

    private static (float Value, float Slope) At<TActivation>(float x) where TActivation : struct, IActivation
    {
        var (y, dx) = (new float[1], new float[1]);
        Activations.Apply<TActivation>([x], y, Workers.Single);
        Activations.Backward<TActivation>([x], y, [1], dx, Workers.Single);
        return (y[0], dx[0]);
    }

    private static void Check<TActivation>(Func<double, double> truth, bool positive = false) where TActivation : struct, IActivation
    {
        var all = Numbers.Random(3, 2000, 9);
        if (positive)
        {
            for (var i = 0; i < all.Length; i++) all[i] = Math.Abs(all[i]) + 0.05f;
        }

        for (var length = 0; length <= 131; length++) Check<TActivation>(truth, all.AsSpan(0, length), length % 2 == 0);
        Check<TActivation>(truth, all, true);
    }

    private static void Check<TActivation>(Func<double, double> truth, ReadOnlySpan<float> values, bool atEnd) where TActivation : struct,
        IActivation
    {
        using var x = new GuardedMemory(values, atEnd);
        using var y = new GuardedMemory(values.Length, atEnd);
        using var dy = new GuardedMemory(Numbers.Random(4, values.Length), atEnd);
        using var dx = new GuardedMemory(values.Length, atEnd);
        Activations.Apply<TActivation>(x, y, Workers.Single);
        Activations.Backward<TActivation>(x, y, dy, dx, Workers.Single);
        for (var i = 0; i < values.Length; i++)
        {
            var expected = truth(values[i]);
            Assert.True(Math.Abs(expected - y.Span[i]) <= 4e-7 * (1 + Math.Abs(expected)),
                $"f({values[i]:R}) = {y.Span[i]:R}, expected {expected:R}");
            const double step = 1e-5;
            var slope = (truth(values[i] + step) - truth(values[i] - step)) / (2 * step) * dy.Span[i];
            Assert.True(Math.Abs(slope - dx.Span[i]) <= 2e-6 * (1 + Math.Abs(slope)),
                $"f'({values[i]:R}) = {dx.Span[i]:R}, expected {slope:R}");
        }
    }
}
