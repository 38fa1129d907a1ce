namespace CrossModal.Engine.Kernels;

/// <summary>A number known at compile time, so that one source gives the micro kernels of several sizes.</summary>
internal interface ICount
{
    static abstract int Count { get; }
}

/// <summary>The numbers known at compile time.</summary>
internal static class Counts
{
    internal struct One : ICount
    {
        public static int Count => 1;
    }

    internal struct Two : ICount
    {
        public static int Count => 2;
    }

    internal struct Three : ICount
    {
        public static int Count => 3;
    }

    internal struct Four : ICount
    {
        public static int Count => 4;
    }

    internal struct Five : ICount
    {
        public static int Count => 5;
    }

    internal struct Six : ICount
    {
        public static int Count => 6;
    }

    internal struct Seven : ICount
    {
        public static int Count => 7;
    }

    internal struct Eight : ICount
    {
        public static int Count => 8;
    }
}
