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
        var power = shifted - Vector512.Create(Rounder);
        var r = Vector512.MultiplyAddEstimate(power, Vector512.Create(-LnTwoHigh), x);
        r = Vector512.MultiplyAddEstimate(power, Vector512.Create(-LnTwoLow), r);
        var poly = Vector512.MultiplyAddEstimate(Vector512.Create(Exp7), r, Vector512.Create(Exp6));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp5));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp4));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp3));
        poly = Vector512.MultiplyAddEstimate(poly, r, Vector512.Create(Exp2));
        var value = Vector512.MultiplyAddEstimate(poly, r * r, r) + Vector512<float>.One;
        // The low bits of shifted hold the power; the shift drops the rest.
        var scale = ((shifted.AsInt32() << 23) + Vector512.Create(0x3F800000)).AsSingle();
        return Vector512.AndNot(value * scale, Vector512.LessThan(x, Vector512.Create(-87.3f)));
    }
}
