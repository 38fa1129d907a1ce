using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>x times the normal distribution function of x, by the exact error function (Hendrycks and Gimpel, 2016).</summary>
/// <remarks>The distribution function is e^(-x²/2) P(t) on the negative side with t = 1 / (1 + p |x|), the form of Abramowitz and Stegun
/// 7.1.26 with two more terms (fitted for this; error 5e-9 before rounding): the exponential is also the density, so that value and
/// derivative together cost hardly more than one of them.</remarks>
internal readonly struct Gelu : IActivationWithDerivative
{
    // Beyond it density and, on the negative side, value are 0 in float; held there so that no infinity meets a 0.
    private const float Far = 13f;
    private const float InverseRootTwoPi = 0.39894228f;

    // 0.46 / sqrt(2): the fit is in |x| / sqrt(2).
    private const float Steepness = 0.32526912f;

    // Half of the coefficients of e^(z²) erfc(z) by powers of t.
    private const float P1 = 0.1312980492f;
    private const float P2 = 0.11234714897f;
    private const float P3 = 0.19938706843f;
    private const float P4 = -0.12734139369f;
    private const float P5 = 0.37023787163f;
    private const float P6 = -0.23202346448f;
    private const float P7 = 0.04609477222f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Value(Vector256<float> x) => ValueAndDerivative(x).Value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Value(Vector512<float> x) => ValueAndDerivative(x).Value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Derivative(Vector256<float> x, Vector256<float> y) => ValueAndDerivative(x).Derivative;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => ValueAndDerivative(x).Derivative;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Value, Vector256<float> Derivative) ValueAndDerivative(Vector256<float> x)
    {
        var one = Vector256<float>.One;
        var held = VectorMath.Clamp(x, -Far, Far);
        var t = one / Vector256.MultiplyAddEstimate(Vector256.Abs(held), Vector256.Create(Steepness), one);
        var density = VectorMath.ExpFlushed(held * held * -0.5f);
        var tail = Vector256.MultiplyAddEstimate(Vector256.Create(P7), t, Vector256.Create(P6));
        tail = Vector256.MultiplyAddEstimate(tail, t, Vector256.Create(P5));
        tail = Vector256.MultiplyAddEstimate(tail, t, Vector256.Create(P4));
        tail = Vector256.MultiplyAddEstimate(tail, t, Vector256.Create(P3));
        tail = Vector256.MultiplyAddEstimate(tail, t, Vector256.Create(P2));
        tail = Vector256.MultiplyAddEstimate(tail, t, Vector256.Create(P1));
        tail *= t * density;
        var phi = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), tail, one - tail);
        var value = Vector256.AndNot(x * phi, Vector256.LessThan(x, Vector256.Create(-Far)));
        return (value, Vector256.MultiplyAddEstimate(held * InverseRootTwoPi, density, phi));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Value, Vector512<float> Derivative) ValueAndDerivative(Vector512<float> x)
    {
        var one = Vector512<float>.One;
        var held = VectorMath.Clamp(x, -Far, Far);
        var t = one / Vector512.MultiplyAddEstimate(Vector512.Abs(held), Vector512.Create(Steepness), one);
        var density = VectorMath.ExpFlushed(held * held * -0.5f);
        var tail = Vector512.MultiplyAddEstimate(Vector512.Create(P7), t, Vector512.Create(P6));
        tail = Vector512.MultiplyAddEstimate(tail, t, Vector512.Create(P5));
        tail = Vector512.MultiplyAddEstimate(tail, t, Vector512.Create(P4));
        tail = Vector512.MultiplyAddEstimate(tail, t, Vector512.Create(P3));
        tail = Vector512.MultiplyAddEstimate(tail, t, Vector512.Create(P2));
        tail = Vector512.MultiplyAddEstimate(tail, t, Vector512.Create(P1));
        tail *= t * density;
        var phi = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, one - tail);
        var value = Vector512.AndNot(x * phi, Vector512.LessThan(x, Vector512.Create(-Far)));
        return (value, Vector512.MultiplyAddEstimate(held * InverseRootTwoPi, density, phi));
    }
}
