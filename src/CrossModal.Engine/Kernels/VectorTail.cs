using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Fewer than eight floats as a vector: nothing outside them is read or written.</summary>
internal static unsafe class VectorTail
{
    /// <summary>The first <paramref name="count"/> lanes (1 to 8) from memory, the others <paramref name="rest"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector256<float> Load(float* from, int count, float rest = 0)
    {
        var lanes = stackalloc float[8];
        for (var i = 0; i < 8; i++) lanes[i] = i < count ? from[i] : rest;
        return Vector256.Load(lanes);
    }

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Store(Vector256<float> value, float* to, int count)
    {
        var lanes = stackalloc float[8];
        value.Store(lanes);
        for (var i = 0; i < count; i++) to[i] = lanes[i];
    }
}
