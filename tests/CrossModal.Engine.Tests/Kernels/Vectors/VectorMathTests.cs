using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class VectorMathTests
{
    private delegate void SpanFunction(ReadOnlySpan<float> x, Span<float> y);

    private static float[] Dense(float low, float high, int count)
    {
        var x = new float[count];
        for (var i = 0; i < count; i++) x[i] = (float)(low + ((double)high - low) * i / (count - 1));
        return x;
    }

    private static float[] Spread()
    {
        // Every exponent, both signs.
        var x = new List<float>();
        for (var power = -126; power <= 127; power++)
        {
            for (var step = 0; step < 16; step++)
            {
                var value = MathF.ScaleB(1 + step / 16f, power);
                x.Add(value);
                x.Add(-value);
            }
        }

        return [.. x];
    }

    private static void Relative(SpanFunction function, Func<double, double> truth, float[] x, double bound)
    {
        var y = new float[x.Length];
        function(x, y);
        for (var i = 0; i < x.Length; i++)
        {
            var expected = truth(x[i]);
            var magnitude = Math.Abs(expected);
            if (magnitude > float.MaxValue) Assert.Equal(expected > 0 ? float.PositiveInfinity : float.NegativeInfinity, y[i]);
            else if (magnitude < 1.2e-38)
                Assert.True(Math.Abs(y[i] - expected) <= 2.9e-45, $"at {x[i]:R}: {y[i]:R}, expected {expected:R}");
            else Assert.True(Math.Abs(y[i] - expected) <= bound * magnitude,
                $"at {x[i]:R}: {y[i]:R}, expected {expected:R}, off by {Math.Abs(y[i] - expected) / magnitude:E2}");
        }
    }

    [Fact]
    public void Exp_is_within_its_stated_error()
    {
        Relative(VectorMath.Exp, Math.Exp, Dense(-104, 89, 40_001), 1.5e-7);
        Relative(VectorMath.Exp, Math.Exp, Dense(-1, 1, 20_001), 1.5e-7);
        Relative(VectorMath.Exp, Math.Exp, Spread(), 1.5e-7);
    }

    [Fact]
    public void Tanh_is_within_its_stated_error()
    {
        Relative(VectorMath.Tanh, Math.Tanh, Dense(-10, 10, 40_001), 2e-7);
        Relative(VectorMath.Tanh, Math.Tanh, Spread(), 2e-7);
    }

    [Fact]
    public void Sigmoid_is_within_its_stated_error()
    {
        Relative(VectorMath.Sigmoid, Logistic, Dense(-87, 40, 40_001), 2.4e-7);
        Relative(VectorMath.Sigmoid, Logistic, Spread(), 2.4e-7);
    }

    [Fact]
    public void Erf_is_within_its_stated_error()
    {
        Relative(VectorMath.Erf, Truth.Erf, Dense(-5, 5, 20_001), 1.5e-7);
        Relative(VectorMath.Erf, Truth.Erf, Spread(), 1.5e-7);
    }

    [Fact]
    public void Log_is_within_its_stated_error()
    {
        Relative(VectorMath.Log, Math.Log, Dense(0.01f, 10, 20_001), 2.4e-7);
        Relative(VectorMath.Log, Math.Log, [.. Spread().Where(v => v > 0)], 2.4e-7);
    }

    [Fact]
    public void Limits_are_reached_and_NaN_stays()
    {
        const float inf = float.PositiveInfinity;
        Equal(VectorMath.Exp, [-inf, inf, float.NaN, 0, 1e30f, -1e30f], [0, inf, float.NaN, 1, inf, 0]);
        Equal(VectorMath.Tanh, [-inf, inf, float.NaN, 0, 1e30f, -1e30f], [-1, 1, float.NaN, 0, 1, -1]);
        Equal(VectorMath.Erf, [-inf, inf, float.NaN, 0, 1e30f, -1e30f], [-1, 1, float.NaN, 0, 1, -1]);
        Equal(VectorMath.Sigmoid, [-inf, inf, float.NaN, 0, 1e30f, -1e30f], [0, 1, float.NaN, 0.5f, 1, 0]);
        Equal(VectorMath.Log, [0, inf, float.NaN, 1, -1], [-inf, inf, float.NaN, 0, float.NaN]);
    }

    [Fact]
    public void Every_length_to_130_stays_inside_its_memory()
    {
        foreach (var function in (SpanFunction[])[VectorMath.Exp, VectorMath.Tanh, VectorMath.Erf, VectorMath.Sigmoid])
        {
            var full = new float[130];
            function(Numbers.Random(1, 130), full);
            for (var length = 0; length <= 130; length++)
            {
                using var x = new GuardedMemory(Numbers.Random(1, 130).AsSpan(0, length), length % 2 == 0);
                using var y = new GuardedMemory(length, length % 2 == 0);
                function(x, y);
                Numbers.SameBits(full.AsSpan(0, length), y, $"length {length}");
            }
        }
    }

    private static double Logistic(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    private static void Equal(SpanFunction function, float[] x, float[] expected)
    {
        var y = new float[x.Length];
        function(x, y);
        Assert.Equal(expected, y);
    }
}
