namespace CrossModal.Engine.Kernels;

/// <summary>How the rows of a row-wise kernel are shared out over parts.</summary>
internal static class RowSplit
{
    // About 5 microseconds of one thread.
    private const long ElementsWorthAThread = 1 << 13;

    /// <summary>The number of parts for this many rows of this length.</summary>
    public static int Parts(int rows, int length, Workers workers)
        => (int)Math.Clamp((long)rows * length / ElementsWorthAThread, 1, Math.Max(1, Math.Min(rows, workers.Threads)));

    /// <summary>The rows of one part.</summary>
    public static (int Start, int End) Range(int rows, int part, int parts)
        => ((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts));

    /// <summary>Refuses a span that does not hold [rows, length], or is not empty where it may be.</summary>
    /// <exception cref="ArgumentException">The span's length is another.</exception>
    public static void Check(string kernel, string name, int actual, int rows, int length, bool mayBeEmpty = false)
    {
        if (rows < 0 || length < 0) throw new ArgumentException($"{kernel}: a size is negative: {rows} rows of {length}");
        if (actual == (long)rows * length || (mayBeEmpty && actual == 0)) return;
        throw new ArgumentException($"{kernel}: {name} has {actual} elements, not [{rows}, {length}]");
    }
}
