using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Fewer than eight or sixteen floats as a vector: nothing outside them is read or written.</summary>
internal static unsafe class VectorTail
{
    /// <summary>The first <paramref name="count"/> lanes (1 to 8) from memory, the others <paramref name="rest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from, int count, float rest = 0)
    {
        if (!Avx.IsSupported) return LoadLanes(from, count, rest);
        var mask = Mask(count);
        return Vector256.ConditionalSelect(mask, Avx.MaskLoad(from, mask), Vector256.Create(rest));
    }

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* to, int count)
    {
        if (Avx.IsSupported) Avx.MaskStore(to, Mask(count), value);
        else StoreLanes(value, to, count);
    }

    /// <summary>The first <paramref name="count"/> lanes (9 to 16) from memory, the others <paramref name="rest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadWide(float* from, int count, float rest)
    {
        if (Avx512F.IsSupported) return Avx512F.MaskLoad(from, WideMask(count), Vector512.Create(rest));
        return Vector512.Create(Vector256.Load(from), Load(from + 8, count - 8, rest));
    }

    /// <summary>The first <paramref name="count"/> lanes (1 to 16) from memory, the others 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadWide(float* from, int count)
    {
        if (Avx512F.IsSupported) return Avx512F.MaskLoad(from, WideMask(count), Vector512<float>.Zero);
        return count > 8 ? Vector512.Create(Vector256.Load(from), Load(from + 8, count - 8)) : Vector512.Create(Load(from, count), default);
    }

    /// <summary>Writes the first <paramref name="count"/> lanes (1 to 16).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* to, int count)
    {
        if (count == 8)
        {
            value.GetLower().Store(to);
            return;
        }

        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(to, WideMask(count), value);
            return;
        }

        if (count < 8)
        {
            Store(value.GetLower(), to, count);
            return;
        }

        value.GetLower().Store(to);
        Store(value.GetUpper(), to + 8, count - 8);
    }

    /// <summary>All bits set in the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Mask(int count)
        => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WideMask(int count)
        => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> LoadLanes(float* from, int count, float rest)
    {
        var lanes = stackalloc float[8];
        for (var i = 0; i < 8; i++) lanes[i] = i < count ? from[i] : rest;
        return Vector256.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreLanes(Vector256<float> value, float* to, int count)
    {
        var lanes = stackalloc float[8];
        value.Store(lanes);
        for (var i = 0; i < count; i++) to[i] = lanes[i];
    }
}
