namespace CrossModal.Engine.Formats;

/// <summary>
/// Reads and writes numpy's .npy files, versions 1.0 to 3.0
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). Python objects (pickles), structured and
/// text types are refused. Big-endian numbers and Fortran order come out little-endian and row-major.
/// </summary>
public static class Npy
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">The bytes do not follow the format, or hold a type that is not supported.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static StoredArray Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        return Read(stream, path);
    }

    /// <summary>Reads from the stream's position to its end; <paramref name="name"/> stands in the messages.</summary>
    /// <exception cref="FileFormatException">The bytes do not follow the format, or hold a type that is not supported.</exception>
    public static StoredArray Read(Stream stream, string name)
    {
        stream = MeasuredStream.Of(stream);
        return ReadExactly(stream, stream.Length - stream.Position, name);
    }

    /// <summary>Writes an array as version 1.0, through <see cref="AtomicFile"/>.</summary>
    /// <exception cref="ArgumentException">The array has a type, such as <see cref="ElementType.BF16"/>, that numpy does not
    /// have.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, StoredArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        AtomicFile.Write(path, stream => Write(stream, array));
    }

    /// <summary>Writes an array as version 1.0.</summary>
    /// <exception cref="ArgumentException">The array has a type, such as <see cref="ElementType.BF16"/>, that numpy does not
    /// have.</exception>
    public static void Write(Stream stream, StoredArray array)
    {
        stream.Write(NpyHeader.Write(array));
        stream.Write(array.Data);
    }

    /// <summary>Reads an array that must take exactly <paramref name="length"/> bytes of a stream, which may still hold fewer.</summary>
    internal static StoredArray ReadExactly(Stream stream, long length, string name)
    {
        var header = NpyHeader.Read(stream, length, name);
        var held = length - header.HeaderBytes;
        if (header.DataBytes != held)
            throw new FileFormatException(name, $"{Wanted()} but {held} follow the header, at byte {header.HeaderBytes}");
        if (header.DataBytes > Array.MaxLength)
            throw new FileFormatException(
                name, $"{Wanted()}, over the limit of {Array.MaxLength} for one array, at byte {header.HeaderBytes}");
        var data = MeasuredStream.ReadGrowing(stream, (int)header.DataBytes);
        if (data.Length != header.DataBytes)
            throw new FileFormatException(
                name, $"{Wanted()} but only {data.Length} are there, at byte {header.HeaderBytes + data.Length}");

        var size = header.Type.Size();
        if (header.BigEndian && size > 1)
            for (var i = 0; i < data.Length; i += size)
                data.AsSpan(i, size).Reverse();
        if (header.FortranOrder && header.Shape.Length > 1)
            data = ToRowMajor(data, header.Shape, size);
        return new StoredArray(header.Type, header.Shape, data);

        string Wanted() => $"{header.Type} {StoredArray.ShapeText<int>(header.Shape)} needs {header.DataBytes} bytes";
    }

    /// <summary>Reorders elements whose first index runs fastest so that the last one does.</summary>
    private static byte[] ToRowMajor(byte[] data, int[] shape, int size)
    {
        var ordered = new byte[data.Length];
        var index = new int[shape.Length];
        var strides = new int[shape.Length];
        strides[0] = size;
        for (var axis = 1; axis < shape.Length; axis++)
            strides[axis] = data.Length == 0 ? 0 : strides[axis - 1] * shape[axis - 1];

        var from = 0;
        for (var to = 0; to < ordered.Length; to += size)
        {
            data.AsSpan(from, size).CopyTo(ordered.AsSpan(to));
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return ordered;
    }
}
