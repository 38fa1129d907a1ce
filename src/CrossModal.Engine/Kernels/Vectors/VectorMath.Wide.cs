using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// Of sixteen floats at once: the same steps on every lane as of eight, and so the same bits.
internal static partial class VectorMath
{
    /// <summary>e^x for x of at most 88; 0 below -87.3; for softmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpFlushed(Vector512<float> x)
    {
        var shifted = Vector512.MultiplyAddEstimate(x, Vector512.Create(Log2E), Vector512.Create(Rounder));
        var value = ReducedExp(x, shifted - Vector512.Create(Rounder));
        // The low bits of shifted hold the power; the shift drops the rest.
        var scale = ((shifted.AsInt32() << 23) + Vector512.Create(0x3F800000)).AsSingle();
        return Vector512.AndNot(value * scale, Vector512.LessThan(x, Vector512.Create(-87.3f)));
    }

    /// <summary>e^x; +infinity above 88.7228, and 0 below -103.97 (results below 1.2e-38 are denormal, as exact as those are).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // Clamped so that two factors of at most 2^127 reach every result; NaN passes through the comparisons.
        var clamped = Clamp(x, -105f, 89f);
        var shifted = Vector512.MultiplyAddEstimate(clamped, Vector512.Create(Log2E), Vector512.Create(Rounder));
        var power = shifted.AsInt32() - Vector512.Create(Rounder).AsInt32();
        var half = power >> 1;
        var value = ReducedExp(clamped, shifted - Vector512.Create(Rounder));
        return value * PowerOfTwo(half) * PowerOfTwo(power - half);
    }

    /// <summary>Hyperbolic tangent (Cephes' polynomial below 0.625, then by e^2x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        var magnitude = Vector512.Abs(x);
        var square = x * x;
        var poly = Vector512.MultiplyAddEstimate(Vector512.Create(-5.70498872745e-3f), square, Vector512.Create(2.06390887954e-2f));
        poly = Vector512.MultiplyAddEstimate(poly, square, Vector512.Create(-5.37397155531e-2f));
        poly = Vector512.MultiplyAddEstimate(poly, square, Vector512.Create(1.33314422036e-1f));
        poly = Vector512.MultiplyAddEstimate(poly, square, Vector512.Create(-3.33332819422e-1f));
        var small = Vector512.MultiplyAddEstimate(poly * square, x, x);
        var one = Vector512<float>.One;
        var exp = Exp(Clamp(magnitude + magnitude, 0, 40f));
        var large = one - (one + one) / (exp + one);
        return Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(0.625f)), small, CopySign(large, x));
    }

    /// <summary>1 / (1 + e^-x), relatively accurate on both sides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        var exp = Exp(-Vector512.Abs(x));
        var top = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), exp, Vector512<float>.One);
        return top / (Vector512<float>.One + exp);
    }

    /// <summary>Natural logarithm; -infinity at 0, NaN below 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => Vector512.Log(x);

    /// <summary>x held to [low, high]; NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Clamp(Vector512<float> x, float low, float high)
    {
        // Native minimum and maximum return the second operand when either is NaN.
        return Vector512.MinNative(Vector512.Create(high), Vector512.MaxNative(Vector512.Create(low), x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ReducedExp(Vector512<float> x, Vector512<float> power)
    {
        var r = Vector512.MultiplyAddEstimate(power, Vector512.Create(-LnTwoHigh), x);
        r = Vector512.MultiplyAddEstimate(power, Vector512.Create(-LnTwoLow), r);
        var poly = Vector512.MultiplyAddEstimate(Vector512.Create(Exp7), r, Vector512.Create(Exp6));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp5));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp4));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp3));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp2));
        return Vector512.MultiplyAddEstimate(poly, r * r, r) + Vector512<float>.One;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> power) => ((power + Vector512.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> CopySign(Vector512<float> magnitude, Vector512<float> sign)
        => magnitude | (sign & Vector512.Create(-0f));
}
