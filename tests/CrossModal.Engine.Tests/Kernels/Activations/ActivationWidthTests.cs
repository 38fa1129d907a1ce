using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class ActivationWidthTests
{
    private static readonly float[] Special =
        [0, -0f, 1e-30f, -1e-30f, 0.625f, -0.625f, 13, -13, 13.5f, -13.5f, 90, -90, 1e30f, -1e30f, float.PositiveInfinity, float.NaN];

    [Fact]
    public void Sixteen_lanes_have_the_bits_of_eight()
    {
        Check<Relu>();
        Check<Gelu>();
        Check<GeluTanh>();
        Check<QuickGelu>();
        Check<Silu>();
        Check<Sigmoid>();
        Check<Tanh>();
        Check<Elu>();
        Check<Exp>();
        Check<Log>();
        Check<Sqrt>();
        Check<Square>();
        Check<Reciprocal>();
    }

    [Fact]
    public void Value_and_derivative_of_sixteen_lanes_have_the_bits_of_eight()
    {
        foreach (var x in Inputs())
        {
            var (value, derivative) = Gelu.ValueAndDerivative(x);
            var (lower, upper) = (Gelu.ValueAndDerivative(x.GetLower()), Gelu.ValueAndDerivative(x.GetUpper()));
            Same(Vector512.Create(lower.Value, upper.Value), value, "value");
            Same(Vector512.Create(lower.Derivative, upper.Derivative), derivative, "derivative");
        }
    }

    [Fact]
    public void Spans_of_every_length_have_the_bits_of_eight_lanes()
    {
        for (var n = 0; n <= 67; n++)
        {
            using var x = new GuardedMemory(Numbers.Random(n, n, 9), n % 2 == 0);
            using var dy = new GuardedMemory(Numbers.Random(n + 1, n), n % 2 == 0);
            using var y = new GuardedMemory(n, n % 2 == 0);
            using var dx = new GuardedMemory(n, n % 2 == 0);
            Activations.Apply<Silu>(x, y, Workers.Single);
            Activations.Backward<Silu>(x, y, dy, dx, Workers.Single);
            for (var i = 0; i < n; i++)
            {
                var at = Vector256.Create(x.Span[i]);
                var value = Silu.Value(at);
                Numbers.SameBits([value[0], dy.Span[i] * Silu.Derivative(at, value)[0]], [y.Span[i], dx.Span[i]], $"{i} of {n}");
            }
        }
    }

    private static void Check<TActivation>() where TActivation : struct, IActivation
    {
        foreach (var x in Inputs())
        {
            var value = TActivation.Value(x);
            var (lower, upper) = (TActivation.Value(x.GetLower()), TActivation.Value(x.GetUpper()));
            Same(Vector512.Create(lower, upper), value, typeof(TActivation).Name);
            Same(Vector512.Create(TActivation.Derivative(x.GetLower(), lower), TActivation.Derivative(x.GetUpper(), upper)),
                TActivation.Derivative(x, value), typeof(TActivation).Name + "'");
        }
    }

    private static IEnumerable<Vector512<float>> Inputs()
    {
        yield return Vector512.Create(Special);
        var random = Numbers.Random(1, 4096, 12);
        for (var i = 0; i < random.Length; i += Vector512<float>.Count) yield return Vector512.Create(random, i);
    }

    private static void Same(Vector512<float> expected, Vector512<float> actual, string what)
    {
        Span<float> one = stackalloc float[16], other = stackalloc float[16];
        expected.CopyTo(one);
        actual.CopyTo(other);
        for (var i = 0; i < one.Length; i++)
        {
            // Which NaN it is depends on the order of operands.
            if (float.IsNaN(one[i])) Assert.True(float.IsNaN(other[i]), what);
            else Numbers.SameBits([one[i]], [other[i]], what);
        }
    }
}
