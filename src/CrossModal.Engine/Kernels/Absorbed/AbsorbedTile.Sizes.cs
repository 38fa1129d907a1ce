namespace CrossModal.Engine.Kernels;

internal static unsafe partial class AbsorbedTile
{
    /// <summary>Whether both vectors of a row are computed or only the first.</summary>
    private interface IWidth
    {
        static abstract bool IsFull { get; }
    }

    /// <summary>What is a row of the left operand: floats to the next row and to the next step of the sum.</summary>
    private interface ILeft
    {
        static abstract int Row { get; }

        static abstract int Step { get; }
    }

    /// <summary>A row is a token; its features go on in the next strip.</summary>
    private struct TokenRows : ILeft
    {
        public static int Row => Columns;

        public static int Step => 1;
    }

    /// <summary>A row is a feature, and the sum runs over the tokens of a strip.</summary>
    private struct FeatureRows : ILeft
    {
        public static int Row => 1;

        public static int Step => Columns;
    }

    private struct Sixteen : IWidth
    {
        public static bool IsFull => true;
    }

    private struct Eight : IWidth
    {
        public static bool IsFull => false;
    }
}
