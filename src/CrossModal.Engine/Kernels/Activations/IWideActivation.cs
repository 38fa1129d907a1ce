using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>A function that may follow a product, of sixteen numbers at once too: the same steps on every lane, and so the same
/// bits.</summary>
internal interface IWideActivation : IActivation
{
    /// <summary>f(x).</summary>
    static abstract Vector512<float> Value(Vector512<float> x);

    /// <summary>f(x) in two halves, for functions that have no longer form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Halves<TActivation>(Vector512<float> x) where TActivation : struct, IActivation =>
        Vector512.Create(TActivation.Value(x.GetLower()), TActivation.Value(x.GetUpper()));
}
