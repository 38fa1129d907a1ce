using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>x sigmoid(1.702 x), the GELU of CLIP (Radford et al., 2021).</summary>
internal readonly struct QuickGelu : IActivation
{
    private const float Slope = 1.702f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Value(Vector256<float> x)
    {
        // Held above -infinity, which times 0 would be NaN.
        var held = VectorMath.Clamp(x, -1e30f, float.PositiveInfinity);
        return held * VectorMath.Sigmoid(held * Slope);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Value(Vector512<float> x)
    {
        // Held above -infinity, which times 0 would be NaN.
        var held = VectorMath.Clamp(x, -1e30f, float.PositiveInfinity);
        return held * VectorMath.Sigmoid(held * Slope);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Derivative(Vector256<float> x, Vector256<float> y)
    {
        var held = VectorMath.Clamp(x, -100f, 100f);
        var sigmoid = VectorMath.Sigmoid(held * Slope);
        return Vector256.MultiplyAddEstimate(held * Slope, sigmoid * (Vector256<float>.One - sigmoid), sigmoid);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y)
    {
        var held = VectorMath.Clamp(x, -100f, 100f);
        var sigmoid = VectorMath.Sigmoid(held * Slope);
        return Vector512.MultiplyAddEstimate(held * Slope, sigmoid * (Vector512<float>.One - sigmoid), sigmoid);
    }
}
