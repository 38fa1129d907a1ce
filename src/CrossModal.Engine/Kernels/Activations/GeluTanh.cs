using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>The tanh approximation of GELU, x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)) (Hendrycks and Gimpel, 2016).</summary>
internal readonly struct GeluTanh : IActivation
{
    // Twice sqrt(2 / pi): (1 + tanh u) / 2 is sigmoid(2u), which does not cancel for negative u.
    private const float Slope = 1.59576912f;
    private const float Cubic = 0.044715f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Value(Vector256<float> x)
    {
        // Held above -infinity, which times 0 would be NaN.
        var held = VectorMath.Clamp(x, -1e30f, float.PositiveInfinity);
        return held * VectorMath.Sigmoid(Argument(held));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Value(Vector512<float> x)
    {
        // Held above -infinity, which times 0 would be NaN.
        var held = VectorMath.Clamp(x, -1e30f, float.PositiveInfinity);
        return held * VectorMath.Sigmoid(Argument(held));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Derivative(Vector256<float> x, Vector256<float> y)
    {
        var held = VectorMath.Clamp(x, -20f, 20f);
        var sigmoid = VectorMath.Sigmoid(Argument(held));
        var slope = Vector256.MultiplyAddEstimate(held * held, Vector256.Create(3 * Cubic * Slope), Vector256.Create(Slope));
        return Vector256.MultiplyAddEstimate(held * slope, sigmoid * (Vector256<float>.One - sigmoid), sigmoid);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y)
    {
        var held = VectorMath.Clamp(x, -20f, 20f);
        var sigmoid = VectorMath.Sigmoid(Argument(held));
        var slope = Vector512.MultiplyAddEstimate(held * held, Vector512.Create(3 * Cubic * Slope), Vector512.Create(Slope));
        return Vector512.MultiplyAddEstimate(held * slope, sigmoid * (Vector512<float>.One - sigmoid), sigmoid);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Argument(Vector256<float> x)
        => x * Vector256.MultiplyAddEstimate(x * x, Vector256.Create(Slope * Cubic), Vector256.Create(Slope));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Argument(Vector512<float> x)
        => x * Vector512.MultiplyAddEstimate(x * x, Vector512.Create(Slope * Cubic), Vector512.Create(Slope));
}
