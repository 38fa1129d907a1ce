using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<TWidth>(float* a, Vector512<float> b0, Vector512<float> b1, ref Vector512<float> c0, ref Vector512<float> c1)
        where TWidth : struct, ITileWidth
    {
        var value = Vector512.Create(*a);
        c0 = Vector512.MultiplyAddEstimate(value, b0, c0);
        if (TWidth.Vectors == 2) c1 = Vector512.MultiplyAddEstimate(value, b1, c1);
    }

    /// <summary>Adds rows from memory, <paramref name="row"/> apart (0: the same to all); second vectors <paramref name="panel"/> behind the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TRows, TWidth>(ref WideSums s, float* from, nint row, nint panel, int rest)
        where TRows : struct, ITileRows
        where TWidth : struct, ITileWidth
    {
        Add<TWidth>(from, panel, rest, ref s.C00, ref s.C01);
        if (TRows.Count > 1) Add<TWidth>(from + row, panel, rest, ref s.C10, ref s.C11);
        if (TRows.Count > 2) Add<TWidth>(from + 2 * row, panel, rest, ref s.C20, ref s.C21);
        if (TRows.Count > 3) Add<TWidth>(from + 3 * row, panel, rest, ref s.C30, ref s.C31);
        if (TRows.Count > 4) Add<TWidth>(from + 4 * row, panel, rest, ref s.C40, ref s.C41);
        if (TRows.Count > 5) Add<TWidth>(from + 5 * row, panel, rest, ref s.C50, ref s.C51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TWidth>(float* from, nint panel, int rest, ref Vector512<float> c0, ref Vector512<float> c1)
        where TWidth : struct, ITileWidth
    {
        c0 += TWidth.Vectors == 1 && TWidth.Partial ? VectorTail.LoadWide(from, rest) : Vector512.Load(from);
        if (TWidth.Vectors == 2) c1 += TWidth.Partial ? VectorTail.LoadWide(from + panel, rest) : Vector512.Load(from + panel);
    }

    /// <summary>Adds rows from memory, each element times the factor of its column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTimes<TRows, TWidth>(ref WideSums s, float* from, nint row, nint panel, float* factor)
        where TRows : struct, ITileRows
        where TWidth : struct, ITileWidth
    {
        var f0 = Vector512.Load(factor);
        var f1 = TWidth.Vectors == 2 ? Vector512.Load(factor + 16) : f0;
        AddTimes<TWidth>(from, panel, f0, f1, ref s.C00, ref s.C01);
        if (TRows.Count > 1) AddTimes<TWidth>(from + row, panel, f0, f1, ref s.C10, ref s.C11);
        if (TRows.Count > 2) AddTimes<TWidth>(from + 2 * row, panel, f0, f1, ref s.C20, ref s.C21);
        if (TRows.Count > 3) AddTimes<TWidth>(from + 3 * row, panel, f0, f1, ref s.C30, ref s.C31);
        if (TRows.Count > 4) AddTimes<TWidth>(from + 4 * row, panel, f0, f1, ref s.C40, ref s.C41);
        if (TRows.Count > 5) AddTimes<TWidth>(from + 5 * row, panel, f0, f1, ref s.C50, ref s.C51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTimes<TWidth>(
        float* from, nint panel, Vector512<float> f0, Vector512<float> f1, ref Vector512<float> c0, ref Vector512<float> c1)
        where TWidth : struct, ITileWidth
    {
        c0 = Vector512.MultiplyAddEstimate(Vector512.Load(from), f0, c0);
        if (TWidth.Vectors == 2) c1 = Vector512.MultiplyAddEstimate(Vector512.Load(from + panel), f1, c1);
    }

    /// <summary>Writes the rows, <paramref name="row"/> apart; the second vectors stand <paramref name="panel"/> behind the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TRows, TWidth>(in WideSums s, float* c, nint row, nint panel, int rest)
        where TRows : struct, ITileRows
        where TWidth : struct, ITileWidth
    {
        StoreRow<TWidth>(s.C00, s.C01, c, panel, rest);
        if (TRows.Count > 1) StoreRow<TWidth>(s.C10, s.C11, c + row, panel, rest);
        if (TRows.Count > 2) StoreRow<TWidth>(s.C20, s.C21, c + 2 * row, panel, rest);
        if (TRows.Count > 3) StoreRow<TWidth>(s.C30, s.C31, c + 3 * row, panel, rest);
        if (TRows.Count > 4) StoreRow<TWidth>(s.C40, s.C41, c + 4 * row, panel, rest);
        if (TRows.Count > 5) StoreRow<TWidth>(s.C50, s.C51, c + 5 * row, panel, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TWidth>(Vector512<float> c0, Vector512<float> c1, float* c, nint panel, int rest)
        where TWidth : struct, ITileWidth
    {
        if (TWidth.Vectors == 1 && TWidth.Partial) VectorTail.Store(c0, c, rest);
        else c0.Store(c);
        if (TWidth.Vectors == 1) return;
        if (TWidth.Partial) VectorTail.Store(c1, c + panel, rest);
        else c1.Store(c + panel);
    }

    /// <summary>The sums of a wide tile, two vectors a row. Everything that takes it is inlined, so that it lives in registers.</summary>
    private struct WideSums
    {
        public Vector512<float> C00, C01, C10, C11, C20, C21, C30, C31, C40, C41, C50, C51;
    }

    private struct OneVector : ITileWidth
    {
        public static int Vectors => 1;

        public static bool Partial => false;
    }

    private struct FirstInPart : ITileWidth
    {
        public static int Vectors => 1;

        public static bool Partial => true;
    }

    private struct TwoVectors : ITileWidth
    {
        public static int Vectors => 2;

        public static bool Partial => false;
    }

    private struct SecondInPart : ITileWidth
    {
        public static int Vectors => 2;

        public static bool Partial => true;
    }

    /// <summary>A in strips of 16 columns, rows 16 apart: after 16 steps of k a row goes on in the next strip.</summary>
    private struct Strips : ITileLeft
    {
        public static bool IsDepthAdjacent => true;

        public static bool IsRowAdjacent => false;

        public static bool IsPacked => false;

        public static bool IsStrips => true;
    }
}
