namespace CrossModal.Datasets;

/// <summary>Kinds of columns that are written.</summary>
internal enum ParquetKind
{
    /// <summary>Whole numbers: <c>long[]</c>.</summary>
    Int64,

    /// <summary>Numbers: <c>float[]</c>.</summary>
    Float,

    /// <summary>Texts: <c>string[]</c>.</summary>
    Text,

    /// <summary>Lists of numbers of 32 bits: <c>float[][]</c>.</summary>
    Floats,

    /// <summary>Lists of numbers of 64 bits: <c>double[][]</c>.</summary>
    Doubles,

    /// <summary>Lists of texts: <c>string[][]</c>.</summary>
    Texts,

    /// <summary>Encoded pictures as the struct {bytes, path} of Hugging Face: <c>(byte[] Bytes, string Path)[]</c>.</summary>
    Picture,
}

/// <summary>A column that is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record ParquetField(string Name, ParquetKind Kind)
{
    /// <summary>Whether a row holds a list.</summary>
    public bool IsList => Kind is ParquetKind.Floats or ParquetKind.Doubles or ParquetKind.Texts;

    /// <summary>How a value is stored.</summary>
    public ParquetType Type => Kind switch
    {
        ParquetKind.Int64 => ParquetType.Int64,
        ParquetKind.Float or ParquetKind.Floats => ParquetType.Float,
        ParquetKind.Doubles => ParquetType.Double,
        _ => ParquetType.ByteArray,
    };

    /// <summary>Paths of the columns of values below it.</summary>
    public IReadOnlyList<string[]> Paths => Kind == ParquetKind.Picture ? [[Name, "bytes"], [Name, "path"]] : IsList
        ? [[Name, "list", "element"]] : [[Name]];
}
