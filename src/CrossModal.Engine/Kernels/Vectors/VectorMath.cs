using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// Elementary functions of eight floats at once. Relative errors, over all finite inputs whose result is a normal number:
/// exp 1.5e-7, tanh 2.0e-7, erf 1.5e-7, sigmoid 2.4e-7, log 2.4e-7 (the BCL's). NaN stays NaN everywhere.
/// </summary>
internal static partial class VectorMath
{
    // 1.5 * 2^23: adding it rounds to an integer, which then sits in the low bits.
    private const float Rounder = 12582912f;
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has trailing zeros, so its product with a whole number is exact.
    private const float LnTwoHigh = 0.693359375f;
    private const float LnTwoLow = -2.12194440e-4f;

    // Coefficients of e^r for |r| up to half of ln 2, from Cephes.
    private const float Exp7 = 1.9875691500e-4f;
    private const float Exp6 = 1.3981999507e-3f;
    private const float Exp5 = 8.3334519073e-3f;
    private const float Exp4 = 4.1665795894e-2f;
    private const float Exp3 = 1.6666665459e-1f;
    private const float Exp2 = 5.0000001201e-1f;

    /// <summary>e^x; +infinity above 88.7228, and 0 below -103.97 (results below 1.2e-38 are denormal, as exact as those are).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        // Clamped so that two factors of at most 2^127 reach every result; NaN passes through the comparisons.
        var clamped = Clamp(x, -105f, 89f);
        var shifted = Vector256.MultiplyAddEstimate(clamped, Vector256.Create(Log2E), Vector256.Create(Rounder));
        var power = shifted.AsInt32() - Vector256.Create(Rounder).AsInt32();
        var half = power >> 1;
        var value = ReducedExp(clamped, shifted - Vector256.Create(Rounder));
        return value * PowerOfTwo(half) * PowerOfTwo(power - half);
    }

    /// <summary>e^x for x of at most 88; 0 below -87.3 (where <see cref="Exp(Vector256{float})"/> turns denormal); for softmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ExpFlushed(Vector256<float> x)
    {
        var shifted = Vector256.MultiplyAddEstimate(x, Vector256.Create(Log2E), Vector256.Create(Rounder));
        var value = ReducedExp(x, shifted - Vector256.Create(Rounder));
        // The low bits of shifted hold the power; the shift drops the rest.
        var scale = ((shifted.AsInt32() << 23) + Vector256.Create(0x3F800000)).AsSingle();
        return Vector256.AndNot(value * scale, Vector256.LessThan(x, Vector256.Create(-87.3f)));
    }

    /// <summary>
    /// <see cref="ExpFlushed(Vector256{float})"/> of two vectors, step by step side by side: one chain of dependent steps alone
    /// fills the processor's queue and leaves its multipliers waiting.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> First, Vector256<float> Second) ExpFlushed(Vector256<float> x, Vector256<float> y)
    {
        var rounder = Vector256.Create(Rounder);
        var shiftedX = Vector256.MultiplyAddEstimate(x, Vector256.Create(Log2E), rounder);
        var shiftedY = Vector256.MultiplyAddEstimate(y, Vector256.Create(Log2E), rounder);
        var powerX = shiftedX - rounder;
        var powerY = shiftedY - rounder;
        var r = Vector256.MultiplyAddEstimate(powerX, Vector256.Create(-LnTwoHigh), x);
        var s = Vector256.MultiplyAddEstimate(powerY, Vector256.Create(-LnTwoHigh), y);
        r = Vector256.MultiplyAddEstimate(powerX, Vector256.Create(-LnTwoLow), r);
        s = Vector256.MultiplyAddEstimate(powerY, Vector256.Create(-LnTwoLow), s);
        var p = Vector256.MultiplyAddEstimate(Vector256.Create(Exp7), r, Vector256.Create(Exp6));
        var q = Vector256.MultiplyAddEstimate(Vector256.Create(Exp7), s, Vector256.Create(Exp6));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(Exp5));
        q = Vector256.MultiplyAddEstimate(q, s, Vector256.Create(Exp5));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(Exp4));
        q = Vector256.MultiplyAddEstimate(q, s, Vector256.Create(Exp4));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(Exp3));
        q = Vector256.MultiplyAddEstimate(q, s, Vector256.Create(Exp3));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(Exp2));
        q = Vector256.MultiplyAddEstimate(q, s, Vector256.Create(Exp2));
        p = Vector256.MultiplyAddEstimate(p, r * r, r) + Vector256<float>.One;
        q = Vector256.MultiplyAddEstimate(q, s * s, s) + Vector256<float>.One;
        var one = Vector256.Create(0x3F800000);
        p *= ((shiftedX.AsInt32() << 23) + one).AsSingle();
        q *= ((shiftedY.AsInt32() << 23) + one).AsSingle();
        var least = Vector256.Create(-87.3f);
        return (Vector256.AndNot(p, Vector256.LessThan(x, least)), Vector256.AndNot(q, Vector256.LessThan(y, least)));
    }

    /// <summary>Hyperbolic tangent (Cephes' polynomial below 0.625, then by e^2x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        var magnitude = Vector256.Abs(x);
        var square = x * x;
        var poly = Vector256.MultiplyAddEstimate(Vector256.Create(-5.70498872745e-3f), square, Vector256.Create(2.06390887954e-2f));
        poly = Vector256.MultiplyAddEstimate(poly, square, Vector256.Create(-5.37397155531e-2f));
        poly = Vector256.MultiplyAddEstimate(poly, square, Vector256.Create(1.33314422036e-1f));
        poly = Vector256.MultiplyAddEstimate(poly, square, Vector256.Create(-3.33332819422e-1f));
        var small = Vector256.MultiplyAddEstimate(poly * square, x, x);
        var one = Vector256<float>.One;
        var exp = Exp(Clamp(magnitude + magnitude, 0, 40f));
        var large = one - (one + one) / (exp + one);
        return Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(0.625f)), small, CopySign(large, x));
    }

    /// <summary>Error function (polynomials by N. Juffa, public domain: one below 0.93, one in the exponent above).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Erf(Vector256<float> x)
    {
        var magnitude = Clamp(Vector256.Abs(x), 0, 4.2f);
        var square = x * x;
        var small = Vector256.MultiplyAddEstimate(Vector256.Create(-5.96761703e-4f), square, Vector256.Create(4.99119423e-3f));
        small = Vector256.MultiplyAddEstimate(small, square, Vector256.Create(-2.67681349e-2f));
        small = Vector256.MultiplyAddEstimate(small, square, Vector256.Create(1.12819925e-1f));
        small = Vector256.MultiplyAddEstimate(small, square, Vector256.Create(-3.76125336e-1f));
        small = Vector256.MultiplyAddEstimate(small, square, Vector256.Create(1.28379166e-1f));
        small = Vector256.MultiplyAddEstimate(small, x, x);
        square = magnitude * magnitude;
        var large = Vector256.MultiplyAddEstimate(Vector256.Create(-1.72853470e-5f), magnitude, Vector256.Create(3.83197126e-4f));
        var lower = Vector256.MultiplyAddEstimate(Vector256.Create(-3.88396438e-3f), magnitude, Vector256.Create(2.42546219e-2f));
        large = Vector256.MultiplyAddEstimate(large, square, lower);
        large = Vector256.MultiplyAddEstimate(large, magnitude, Vector256.Create(-1.06777877e-1f));
        large = Vector256.MultiplyAddEstimate(large, magnitude, Vector256.Create(-6.34846687e-1f));
        large = Vector256.MultiplyAddEstimate(large, magnitude, Vector256.Create(-1.28717512e-1f));
        large = Vector256.MultiplyAddEstimate(large, magnitude, -magnitude);
        large = Vector256<float>.One - ExpFlushed(large);
        return Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(0.927734375f)), small, CopySign(large, x));
    }

    /// <summary>1 / (1 + e^-x), relatively accurate on both sides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x)
    {
        var exp = Exp(-Vector256.Abs(x));
        var top = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), exp, Vector256<float>.One);
        return top / (Vector256<float>.One + exp);
    }

    /// <summary>Natural logarithm; -infinity at 0, NaN below 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Log(Vector256<float> x) => Vector256.Log(x);

    /// <summary>e^x of each element.</summary>
    public static void Exp(ReadOnlySpan<float> x, Span<float> y) => Map<ExpFunction>(x, y);

    /// <summary>Hyperbolic tangent of each element.</summary>
    public static void Tanh(ReadOnlySpan<float> x, Span<float> y) => Map<TanhFunction>(x, y);

    /// <summary>Error function of each element.</summary>
    public static void Erf(ReadOnlySpan<float> x, Span<float> y) => Map<ErfFunction>(x, y);

    /// <summary>Logistic sigmoid of each element.</summary>
    public static void Sigmoid(ReadOnlySpan<float> x, Span<float> y) => Map<SigmoidFunction>(x, y);

    /// <summary>Natural logarithm of each element.</summary>
    public static void Log(ReadOnlySpan<float> x, Span<float> y) => Map<LogFunction>(x, y);

    /// <summary>x held to [low, high]; NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Clamp(Vector256<float> x, float low, float high)
    {
        // Native minimum and maximum return the second operand when either is NaN.
        return Vector256.MinNative(Vector256.Create(high), Vector256.MaxNative(Vector256.Create(low), x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ReducedExp(Vector256<float> x, Vector256<float> power)
    {
        var r = Vector256.MultiplyAddEstimate(power, Vector256.Create(-LnTwoHigh), x);
        r = Vector256.MultiplyAddEstimate(power, Vector256.Create(-LnTwoLow), r);
        var poly = Vector256.MultiplyAddEstimate(Vector256.Create(Exp7), r, Vector256.Create(Exp6));
        poly = Vector256.MultiplyAddEstimate(poly, r, Vector256.Create(Exp5));
        poly = Vector256.MultiplyAddEstimate(poly, r, Vector256.Create(Exp4));
        poly = Vector256.MultiplyAddEstimate(poly, r, Vector256.Create(Exp3));
        poly = Vector256.MultiplyAddEstimate(poly, r, Vector256.Create(Exp2));
        return Vector256.MultiplyAddEstimate(poly, r * r, r) + Vector256<float>.One;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<int> power) => ((power + Vector256.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> CopySign(Vector256<float> magnitude, Vector256<float> sign)
        => magnitude | (sign & Vector256.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Map<TFunction>(ReadOnlySpan<float> x, Span<float> y) where TFunction : struct, IVectorFunction
    {
        if (x.Length != y.Length) throw new ArgumentException($"VectorMath: {x.Length} inputs but {y.Length} outputs");
        fixed (float* from = x, to = y)
        {
            nint i = 0;
            for (; i + 8 <= x.Length; i += 8) TFunction.Of(Vector256.Load(from + i)).Store(to + i);
            if (i < x.Length) VectorTail.Store(TFunction.Of(VectorTail.Load(from + i, (int)(x.Length - i))), to + i, (int)(x.Length - i));
        }
    }

    private interface IVectorFunction
    {
        static abstract Vector256<float> Of(Vector256<float> x);
    }

    private struct ExpFunction : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Exp(x);
    }

    private struct TanhFunction : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Tanh(x);
    }

    private struct ErfFunction : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Erf(x);
    }

    private struct SigmoidFunction : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Sigmoid(x);
    }

    private struct LogFunction : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Log(x);
    }
}
