using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Kinds of values of a feature, by their field numbers in <c>tf.train.Feature</c>.</summary>
internal enum FeatureKind
{
    /// <summary>Bytes, such as pictures and texts.</summary>
    Bytes = 1,

    /// <summary>Numbers.</summary>
    Floats = 2,

    /// <summary>Whole numbers.</summary>
    Wholes = 3,
}

/// <summary>The values of a feature, still encoded; nothing is unpacked before it is asked for.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Values">The list's message.</param>
/// <param name="File">The file, for errors.</param>
internal sealed record ExampleFeature(FeatureKind Kind, ReadOnlyMemory<byte> Values, string File)
{
    /// <summary>How many values there are.</summary>
    /// <exception cref="FileFormatException">The message is damaged.</exception>
    public int Count()
    {
        var reader = new ProtobufReader(Values.Span, File);
        var count = 0;
        while (reader.Next() is (1, var wire))
            count += Kind == FeatureKind.Bytes ? Skip(ref reader, wire) : Kind == FeatureKind.Floats
                ? Floats(ref reader, wire).Length / sizeof(float) : CountWholes(ref reader, wire);
        return count;
    }

    /// <summary>Numbers, of whichever kind.</summary>
    /// <exception cref="FileFormatException">The message is damaged, or holds no numbers.</exception>
    public float[] Singles()
    {
        if (Kind == FeatureKind.Bytes) throw new FileFormatException(File, "has bytes where numbers belong");
        var values = new float[Count()];
        var reader = new ProtobufReader(Values.Span, File);
        var at = 0;
        while (reader.Next() is (1, var wire))
        {
            if (Kind == FeatureKind.Floats)
            {
                for (var bytes = Floats(ref reader, wire); bytes.Length >= 4; bytes = bytes[4..])
                    values[at++] = BinaryPrimitives.ReadSingleLittleEndian(bytes);
                continue;
            }

            if (wire == ProtobufReader.Varint) values[at++] = (long)reader.Whole();
            else
                for (var packed = new ProtobufReader(reader.Bytes(wire), File); packed.Left > 0;) values[at++] = (long)packed.Whole();
        }

        return values;
    }

    /// <summary>One value of bytes; null when there are not so many.</summary>
    /// <exception cref="FileFormatException">The message is damaged.</exception>
    public byte[]? Bytes(int index)
    {
        var reader = new ProtobufReader(Values.Span, File);
        while (reader.Next() is (1, var wire))
        {
            var bytes = reader.Bytes(wire);
            if (index-- == 0) return bytes.ToArray();
        }

        return null;
    }

    private static int Skip(ref ProtobufReader reader, int wire)
    {
        reader.Bytes(wire);
        return 1;
    }

    private ReadOnlySpan<byte> Floats(ref ProtobufReader reader, int wire)
    {
        if (wire == ProtobufReader.Fixed32) return reader.Take(4);
        var bytes = reader.Bytes(wire);
        return bytes.Length % 4 == 0 ? bytes : throw new FileFormatException(File, "has a list of numbers that ends within one");
    }

    private int CountWholes(ref ProtobufReader reader, int wire)
    {
        if (wire == ProtobufReader.Varint)
        {
            reader.Whole();
            return 1;
        }

        var count = 0;
        for (var packed = new ProtobufReader(reader.Bytes(wire), File); packed.Left > 0; count++) packed.Whole();
        return count;
    }
}
