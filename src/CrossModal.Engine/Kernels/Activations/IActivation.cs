using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>A function of one number and its derivative; a struct argument, so that each gets its own compiled loop.</summary>
internal interface IActivation
{
    /// <summary>f(x).</summary>
    static abstract Vector256<float> Value(Vector256<float> x);

    /// <summary>f'(x), given y = f(x).</summary>
    static abstract Vector256<float> Derivative(Vector256<float> x, Vector256<float> y);
}
