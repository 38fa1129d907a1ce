namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    /// <summary>A width known at compile time: how many vectors, and whether the last one is only partly used.</summary>
    private interface ITileWidth
    {
        static abstract int Vectors { get; }

        static abstract bool Partial { get; }

        /// <summary>Whether the second vector belongs to another row: of two tiles, one below the other.</summary>
        static virtual bool IsPair => false;
    }

    /// <summary>How A lies in memory, as far as the innermost loop gains from knowing it.</summary>
    private interface ITileLeft
    {
        static abstract bool IsDepthAdjacent { get; }

        static abstract bool IsRowAdjacent { get; }

        static abstract bool IsPacked { get; }

        static virtual bool IsInLines => false;

        static virtual bool IsStrips => false;
    }

    /// <summary>Rows of A in place.</summary>
    private struct AdjacentDepth : ITileLeft
    {
        public static bool IsDepthAdjacent => true;

        public static bool IsRowAdjacent => false;

        public static bool IsPacked => false;
    }

    /// <summary>A transposed in place.</summary>
    private struct AdjacentRows : ITileLeft
    {
        public static bool IsDepthAdjacent => false;

        public static bool IsRowAdjacent => true;

        public static bool IsPacked => false;
    }

    /// <summary>A packed tile after tile, each [k, rows].</summary>
    private struct PackedRows : ITileLeft
    {
        public static bool IsDepthAdjacent => false;

        public static bool IsRowAdjacent => true;

        public static bool IsPacked => true;
    }

    private struct AnyStrides : ITileLeft
    {
        public static bool IsDepthAdjacent => false;

        public static bool IsRowAdjacent => false;

        public static bool IsPacked => false;
    }

    private struct OneToSeven : ITileWidth
    {
        public static int Vectors => 1;

        public static bool Partial => true;
    }

    private struct Eight : ITileWidth
    {
        public static int Vectors => 1;

        public static bool Partial => false;
    }

    private struct NineToFifteen : ITileWidth
    {
        public static int Vectors => 2;

        public static bool Partial => true;
    }

    private struct Sixteen : ITileWidth
    {
        public static int Vectors => 2;

        public static bool Partial => false;
    }
}
