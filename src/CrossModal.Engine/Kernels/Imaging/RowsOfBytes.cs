namespace CrossModal.Engine.Kernels;

/// <summary>Rows of bytes in memory, each a stride behind the one before.</summary>
internal static class RowsOfBytes
{
    /// <summary>Refuses a span that does not hold the rows.</summary>
    /// <exception cref="ArgumentException">The stride is less than a row, or the span is too short.</exception>
    public static void Check(string kernel, string name, int length, int rows, int columns, int stride)
    {
        if (stride < columns)
            throw new ArgumentException($"{kernel}: rows of {columns} bytes do not fit a stride of {stride} in {name}");
        var needed = ((long)rows - 1) * stride + columns;
        if (length < needed)
            throw new ArgumentException($"{kernel}: {name} has {length} bytes, needs {needed} for {rows} rows of {columns}");
    }
}
