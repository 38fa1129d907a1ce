namespace CrossModal.Datasets;

/// <summary>Values of a column for some rows.</summary>
/// <param name="Starts">Where in the values each row begins, and at last where the values end: <c>[rows + 1]</c>.</param>
/// <param name="Numbers">The values, null ones as NaN; empty for a column of bytes.</param>
/// <param name="Bytes">The values of a column of bytes; empty for one of numbers.</param>
internal sealed record ParquetColumn(int[] Starts, double[] Numbers, byte[]?[] Bytes)
{
    /// <summary>How many rows there are.</summary>
    public int Rows => Starts.Length - 1;

    /// <summary>The numbers of a row.</summary>
    public ReadOnlySpan<double> Row(int row) => Numbers.AsSpan(Starts[row]..Starts[row + 1]);

    /// <summary>The bytes of a row's first value; null when it has none.</summary>
    public byte[]? FirstBytes(int row) => Starts[row] < Starts[row + 1] ? Bytes[Starts[row]] : null;
}
