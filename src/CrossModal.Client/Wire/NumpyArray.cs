using System.Runtime.InteropServices;

namespace CrossModal.Client.Wire;

/// <summary>An array of numbers as NumPy lays it out: rows one after the other, the last axis contiguous.</summary>
internal sealed class NumpyArray
{
    /// <summary>An array over bytes.</summary>
    /// <param name="type">The type of its elements.</param>
    /// <param name="shape">Its axes; none for a single number.</param>
    /// <param name="data">Its bytes.</param>
    /// <exception cref="WireFormatException">An axis is negative, or the bytes do not fit the shape.</exception>
    public NumpyArray(NumpyType type, IReadOnlyList<int> shape, ReadOnlyMemory<byte> data)
    {
        long count = 1;
        foreach (var axis in shape)
        {
            if (axis < 0) throw new WireFormatException($"an array has the shape [{string.Join(", ", shape)}]");
            count = Math.Min(count * axis, int.MaxValue + 1L);
        }

        if (count * type.Size != data.Length)
            throw new WireFormatException(
                $"an array of {type} with the shape [{string.Join(", ", shape)}] comes with {data.Length} bytes");
        (Type, Shape, Data, Count) = (type, shape, data, (int)count);
    }

    /// <summary>The type of its elements.</summary>
    public NumpyType Type { get; }

    /// <summary>Its axes.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Elements.</summary>
    public int Count { get; }

    /// <summary>An array of single-precision numbers.</summary>
    public static NumpyArray Of(ReadOnlySpan<float> values, params IReadOnlyList<int> shape) =>
        new(NumpyType.Single, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>An array of bytes, which are not copied.</summary>
    public static NumpyArray Of(ReadOnlyMemory<byte> values, params IReadOnlyList<int> shape) => new(NumpyType.Byte, shape, values);

    /// <summary>Its elements in single precision.</summary>
    public float[] ToSingles()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>Writes its elements in single precision.</summary>
    /// <param name="values">Receives <see cref="Count"/> numbers.</param>
    public void CopyTo(Span<float> values)
    {
        var bytes = Data.Span;
        if (Type == NumpyType.Single && BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values[..Count]));
            return;
        }

        for (var i = 0; i < Count; i++) values[i] = (float)Type.Value(bytes[(i * Type.Size)..]);
    }
}
