using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    private const int LineFloats = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TLeft, TRows, TWidth>(int tiles, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TRows : struct, ICount
        where TWidth : struct, ITileWidth
    {
        var rest = TWidth.Vectors == 2 ? o.Columns - 8 : o.Columns;
        var (aRow, bRow) = (o.ARow, o.BRow);
        // Distances known at compile time become constant offsets of the loads.
        var aCol = TLeft.IsPacked ? TRows.Count : o.ACol;
        var depth = o.K;
        var a = o.A;
        var c = o.C;
        var addend = o.Addend;
        var ahead = o.Ahead;
        for (; tiles > 0; tiles--)
        {
            // Past the end the same line is asked for again, which costs less than a branch.
            nint aheadStep = ahead < o.AheadEnd ? 2 * LineFloats : 0;
            if (o.FetchesResult) FetchResult<TRows>(c, o.CRow);
            var s = default(Sums);
            var b = o.B;
            if (TLeft.IsDepthAdjacent)
            {
                // One pointer for each row and one index for all: four steps of k cost two additions and a branch.
                var a1 = a + aRow;
                var a2 = a1 + aRow;
                var a3 = a2 + aRow;
                var a4 = a3 + aRow;
                var a5 = a4 + aRow;
                nint p = 0;
                for (; p + 4 <= depth; p += 4)
                {
                    Fetch(ahead);
                    Fetch(ahead + LineFloats);
                    ahead += aheadStep;
                    Step<TRows, TWidth>(ref s, a + p, a1 + p, a2 + p, a3 + p, a4 + p, a5 + p, b, rest);
                    b += bRow;
                    Step<TRows, TWidth>(ref s, a + p + 1, a1 + p + 1, a2 + p + 1, a3 + p + 1, a4 + p + 1, a5 + p + 1, b, rest);
                    b += bRow;
                    Step<TRows, TWidth>(ref s, a + p + 2, a1 + p + 2, a2 + p + 2, a3 + p + 2, a4 + p + 2, a5 + p + 2, b, rest);
                    b += bRow;
                    Step<TRows, TWidth>(ref s, a + p + 3, a1 + p + 3, a2 + p + 3, a3 + p + 3, a4 + p + 3, a5 + p + 3, b, rest);
                    b += bRow;
                }

                for (; p < depth; p++, b += bRow) Step<TRows, TWidth>(ref s, a + p, a1 + p, a2 + p, a3 + p, a4 + p, a5 + p, b, rest);
            }
            else
            {
                var row = TLeft.IsRowAdjacent ? 1 : aRow;
                var x = a;
                var k = depth;
                for (; k >= 4; k -= 4)
                {
                    Fetch(ahead);
                    Fetch(ahead + LineFloats);
                    ahead += aheadStep;
                    Step<TRows, TWidth>(ref s, x, x + row, x + 2 * row, x + 3 * row, x + 4 * row, x + 5 * row, b, rest);
                    x += aCol;
                    b += bRow;
                    Step<TRows, TWidth>(ref s, x, x + row, x + 2 * row, x + 3 * row, x + 4 * row, x + 5 * row, b, rest);
                    x += aCol;
                    b += bRow;
                    Step<TRows, TWidth>(ref s, x, x + row, x + 2 * row, x + 3 * row, x + 4 * row, x + 5 * row, b, rest);
                    x += aCol;
                    b += bRow;
                    Step<TRows, TWidth>(ref s, x, x + row, x + 2 * row, x + 3 * row, x + 4 * row, x + 5 * row, b, rest);
                    x += aCol;
                    b += bRow;
                }

                for (; k > 0; k--, x += aCol, b += bRow)
                    Step<TRows, TWidth>(ref s, x, x + row, x + 2 * row, x + 3 * row, x + 4 * row, x + 5 * row, b, rest);
            }

            if (o.Bias != null) AddRow<TRows, TWidth>(ref s, o.Bias, 0, rest);
            if (addend != null)
            {
                AddRow<TRows, TWidth>(ref s, addend, o.AddendRow, rest);
                addend += TRows.Count * o.AddendRow;
            }

            Store<TRows, TWidth>(s, c, o.CRow, rest);
            a += TRows.Count * o.ATileRow;
            c += TRows.Count * o.CRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* from)
    {
        // A hint that never faults. The other processors' own prefetching is left to do it.
        if (Sse.IsSupported) Sse.Prefetch1(from);
    }

    /// <summary>Asks for the lines of C before the sums that go there are complete: a store that misses holds up those behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchResult<TRows>(float* c, nint cRow) where TRows : struct, ICount
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(c);
        if (TRows.Count > 1) Sse.Prefetch0(c + cRow);
        if (TRows.Count > 2) Sse.Prefetch0(c + 2 * cRow);
        if (TRows.Count > 3) Sse.Prefetch0(c + 3 * cRow);
        if (TRows.Count > 4) Sse.Prefetch0(c + 4 * cRow);
        if (TRows.Count > 5) Sse.Prefetch0(c + 5 * cRow);
    }

    /// <summary>One step of k: a column of A times a row of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TRows, TWidth>(
        ref Sums s, float* a0, float* a1, float* a2, float* a3, float* a4, float* a5, float* b, int rest)
        where TRows : struct, ICount
        where TWidth : struct, ITileWidth
    {
        var b0 = TWidth.Vectors == 1 && TWidth.Partial ? VectorTail.Load(b, rest) : Vector256.Load(b);
        var b1 = b0;
        if (TWidth.Vectors == 2) b1 = TWidth.Partial ? VectorTail.Load(b + 8, rest) : Vector256.Load(b + 8);
        MultiplyAdd<TWidth>(a0, b0, b1, ref s.C00, ref s.C01);
        if (TRows.Count > 1) MultiplyAdd<TWidth>(a1, b0, b1, ref s.C10, ref s.C11);
        if (TRows.Count > 2) MultiplyAdd<TWidth>(a2, b0, b1, ref s.C20, ref s.C21);
        if (TRows.Count > 3) MultiplyAdd<TWidth>(a3, b0, b1, ref s.C30, ref s.C31);
        if (TRows.Count > 4) MultiplyAdd<TWidth>(a4, b0, b1, ref s.C40, ref s.C41);
        if (TRows.Count > 5) MultiplyAdd<TWidth>(a5, b0, b1, ref s.C50, ref s.C51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<TWidth>(float* a, Vector256<float> b0, Vector256<float> b1, ref Vector256<float> c0,
        ref Vector256<float> c1)
        where TWidth : struct, ITileWidth
    {
        var value = Vector256.Create(*a);
        c0 = Vector256.MultiplyAddEstimate(value, b0, c0);
        if (TWidth.Vectors == 2) c1 = Vector256.MultiplyAddEstimate(value, b1, c1);
    }

    /// <summary>Adds rows from memory, <paramref name="row"/> apart: 0 adds the same to all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TRows, TWidth>(ref Sums s, float* from, nint row, int rest)
        where TRows : struct, ICount
        where TWidth : struct, ITileWidth
    {
        Add<TWidth>(from, rest, ref s.C00, ref s.C01);
        if (TRows.Count > 1) Add<TWidth>(from + row, rest, ref s.C10, ref s.C11);
        if (TRows.Count > 2) Add<TWidth>(from + 2 * row, rest, ref s.C20, ref s.C21);
        if (TRows.Count > 3) Add<TWidth>(from + 3 * row, rest, ref s.C30, ref s.C31);
        if (TRows.Count > 4) Add<TWidth>(from + 4 * row, rest, ref s.C40, ref s.C41);
        if (TRows.Count > 5) Add<TWidth>(from + 5 * row, rest, ref s.C50, ref s.C51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TWidth>(float* from, int rest, ref Vector256<float> c0, ref Vector256<float> c1)
        where TWidth : struct, ITileWidth
    {
        c0 += TWidth.Vectors == 1 && TWidth.Partial ? VectorTail.Load(from, rest) : Vector256.Load(from);
        if (TWidth.Vectors == 2) c1 += TWidth.Partial ? VectorTail.Load(from + 8, rest) : Vector256.Load(from + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TRows, TWidth>(in Sums s, float* c, nint cRow, int rest)
        where TRows : struct, ICount
        where TWidth : struct, ITileWidth
    {
        StoreRow<TWidth>(s.C00, s.C01, c, rest);
        if (TRows.Count > 1) StoreRow<TWidth>(s.C10, s.C11, c + cRow, rest);
        if (TRows.Count > 2) StoreRow<TWidth>(s.C20, s.C21, c + 2 * cRow, rest);
        if (TRows.Count > 3) StoreRow<TWidth>(s.C30, s.C31, c + 3 * cRow, rest);
        if (TRows.Count > 4) StoreRow<TWidth>(s.C40, s.C41, c + 4 * cRow, rest);
        if (TRows.Count > 5) StoreRow<TWidth>(s.C50, s.C51, c + 5 * cRow, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TWidth>(Vector256<float> c0, Vector256<float> c1, float* c, int rest)
        where TWidth : struct, ITileWidth
    {
        if (TWidth.Vectors == 1 && TWidth.Partial) VectorTail.Store(c0, c, rest);
        else c0.Store(c);
        if (TWidth.Vectors == 1) return;
        if (TWidth.Partial) VectorTail.Store(c1, c + 8, rest);
        else c1.Store(c + 8);
    }

    /// <summary>The sums of a tile, two vectors a row. Everything that takes it is inlined, so that it lives in registers.</summary>
    private struct Sums
    {
        public Vector256<float> C00, C01, C10, C11, C20, C21, C30, C31, C40, C41, C50, C51;
    }
}
