using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Physical types of Parquet, by their numbers in a file.</summary>
internal enum ParquetType
{
    /// <summary>A bit.</summary>
    Boolean,

    /// <summary>Four bytes.</summary>
    Int32,

    /// <summary>Eight bytes.</summary>
    Int64,

    /// <summary>Twelve bytes: an old form of time.</summary>
    Int96,

    /// <summary>Four bytes.</summary>
    Float,

    /// <summary>Eight bytes.</summary>
    Double,

    /// <summary>Bytes with a length.</summary>
    ByteArray,

    /// <summary>Bytes of one length.</summary>
    FixedByteArray,
}

/// <summary>A column of values.</summary>
/// <param name="Index">Its place among the columns of a row group.</param>
/// <param name="Path">Names from the outermost field: <c>action</c>, <c>list</c>, <c>element</c>.</param>
/// <param name="Type">How a value is stored.</param>
/// <param name="FixedLength">Bytes of a value of <see cref="ParquetType.FixedByteArray"/>.</param>
/// <param name="Definition">The definition level of a value that is there.</param>
/// <param name="Repetition">The deepest repetition level.</param>
/// <param name="ElementDefinition">The definition level from which on there is an element, null or not.</param>
internal sealed record ParquetLeaf(int Index, string[] Path, ParquetType Type, int FixedLength, int Definition, int Repetition,
    int ElementDefinition)
{
    private const int Deepest = 16;

    /// <summary>The columns of a schema, which is stored as a list in depth-first order.</summary>
    /// <exception cref="FileFormatException">The list is no tree.</exception>
    public static List<ParquetLeaf> OfSchema(IReadOnlyList<CompactStruct> elements, string file)
    {
        var leaves = new List<ParquetLeaf>();
        var at = 0;
        if (elements.Count == 0) throw Damaged();
        Walk([], 0, 0, 0, isRoot: true);
        return at == elements.Count ? leaves : throw Damaged();

        void Walk(string[] path, int definition, int repetition, int element, bool isRoot)
        {
            if (at >= elements.Count || path.Length > Deepest) throw Damaged();
            var node = elements[at++];
            if (!isRoot)
            {
                path = [.. path, node.Text(4)];
                var kind = node.Whole(3, 0);
                if (kind is 1 or 2) definition++;
                if (kind == 2) (repetition, element) = (repetition + 1, definition);
            }

            var children = node.Whole(5, 0);
            if (children < 0 || children > elements.Count - at) throw Damaged();
            if (children == 0 && !isRoot)
            {
                var (type, length) = (node.Whole(1), node.Whole(2, 0));
                if (type is < 0 or > (int)ParquetType.FixedByteArray || length is < 0 or > ushort.MaxValue) throw Damaged();
                leaves.Add(new ParquetLeaf(leaves.Count, path, (ParquetType)type, (int)length, definition, repetition, element));
            }

            for (var i = 0; i < children; i++) Walk(path, definition, repetition, element, isRoot: false);
        }

        FileFormatException Damaged() => new(file, "the schema of the table is damaged");
    }
}
