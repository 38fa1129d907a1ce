using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>x sigmoid(x), also called swish (Elfwing et al., 2018).</summary>
internal readonly struct Silu : IActivation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Value(Vector256<float> x)
    {
        // Held above -infinity, which times 0 would be NaN.
        var held = VectorMath.Clamp(x, -1e30f, float.PositiveInfinity);
        return held * VectorMath.Sigmoid(held);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Value(Vector512<float> x)
    {
        // Held above -infinity, which times 0 would be NaN.
        var held = VectorMath.Clamp(x, -1e30f, float.PositiveInfinity);
        return held * VectorMath.Sigmoid(held);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Derivative(Vector256<float> x, Vector256<float> y)
    {
        var held = VectorMath.Clamp(x, -120f, 120f);
        var sigmoid = VectorMath.Sigmoid(held);
        return Vector256.MultiplyAddEstimate(held, sigmoid * (Vector256<float>.One - sigmoid), sigmoid);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y)
    {
        var held = VectorMath.Clamp(x, -120f, 120f);
        var sigmoid = VectorMath.Sigmoid(held);
        return Vector512.MultiplyAddEstimate(held, sigmoid * (Vector512<float>.One - sigmoid), sigmoid);
    }
}
