using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>x times the normal distribution function of x, by the exact error function (Hendrycks and Gimpel, 2016).</summary>
internal readonly struct Gelu : IActivation
{
    private const float InverseRootTwo = 0.70710678f;
    private const float InverseRootTwoPi = 0.39894228f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Value(Vector256<float> x)
    {
        // Below -13 the value is 0 in float, also at -infinity where the product would be NaN.
        var half = Vector256.Create(0.5f);
        var phi = Vector256.MultiplyAddEstimate(VectorMath.Erf(x * InverseRootTwo), half, half);
        return Vector256.AndNot(x * phi, Vector256.LessThan(x, Vector256.Create(-13f)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Derivative(Vector256<float> x, Vector256<float> y)
    {
        // Beyond 13 the density is 0 in float; held there so that no infinity meets a 0.
        var held = VectorMath.Clamp(x, -13f, 13f);
        var half = Vector256.Create(0.5f);
        var phi = Vector256.MultiplyAddEstimate(VectorMath.Erf(held * InverseRootTwo), half, half);
        return Vector256.MultiplyAddEstimate(held * InverseRootTwoPi, VectorMath.ExpFlushed(held * held * -0.5f), phi);
    }
}
