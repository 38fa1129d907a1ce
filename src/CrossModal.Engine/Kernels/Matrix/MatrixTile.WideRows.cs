using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    /// <summary>The first vector of a row in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First<TWidth>(float* from, int rest) where TWidth : struct, ITileWidth =>
        TWidth.Partial && (TWidth.Vectors == 1 || TWidth.IsPair) ? VectorTail.LoadWide(from, rest) : Vector512.Load(from);

    /// <summary>The second vector of a row in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Second<TWidth>(float* from, int rest) where TWidth : struct, ITileWidth =>
        TWidth.Partial ? VectorTail.LoadWide(from, rest) : Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TWidth>(Vector512<float> c0, Vector512<float> c1, float* c, nint panel, int rest)
        where TWidth : struct, ITileWidth
    {
        if (TWidth.Partial && (TWidth.Vectors == 1 || TWidth.IsPair)) VectorTail.Store(c0, c, rest);
        else c0.Store(c);
        if (TWidth.Vectors == 1) return;
        if (TWidth.Partial) VectorTail.Store(c1, c + panel, rest);
        else c1.Store(c + panel);
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

    private struct OnePair : ITileWidth
    {
        public static int Vectors => 2;

        public static bool Partial => false;

        public static bool IsPair => true;
    }

    private struct PairInPart : ITileWidth
    {
        public static int Vectors => 2;

        public static bool Partial => true;

        public static bool IsPair => true;
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

        public static bool IsInLines => true;

        public static bool IsStrips => true;
    }

    /// <summary>A in runs of adjacent numbers: the lines of a convolution's window.</summary>
    private struct Lines : ITileLeft
    {
        public static bool IsDepthAdjacent => true;

        public static bool IsRowAdjacent => false;

        public static bool IsPacked => false;

        public static bool IsInLines => true;
    }
}
