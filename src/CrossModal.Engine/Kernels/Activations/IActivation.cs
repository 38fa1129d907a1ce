using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>A function of one number and its derivative; a struct argument, so that each gets its own compiled loop. Of sixteen numbers
/// at once every lane takes the steps of eight, and has their bits.</summary>
internal interface IActivation
{
    /// <summary>f(x).</summary>
    static abstract Vector256<float> Value(Vector256<float> x);

    /// <summary>f(x).</summary>
    static abstract Vector512<float> Value(Vector512<float> x);

    /// <summary>f'(x), given y = f(x).</summary>
    static abstract Vector256<float> Derivative(Vector256<float> x, Vector256<float> y);

    /// <summary>f'(x), given y = f(x).</summary>
    static abstract Vector512<float> Derivative(Vector512<float> x, Vector512<float> y);
}

/// <summary>A function whose derivative is cheap beside its value, and is kept for the gradient.</summary>
internal interface IActivationWithDerivative : IActivation
{
    /// <summary>f(x) and f'(x).</summary>
    static abstract (Vector256<float> Value, Vector256<float> Derivative) ValueAndDerivative(Vector256<float> x);

    /// <summary>f(x) and f'(x).</summary>
    static abstract (Vector512<float> Value, Vector512<float> Derivative) ValueAndDerivative(Vector512<float> x);
}
