using System.Numerics;
using System.Runtime.InteropServices;

namespace CrossModal.Engine.Formats;

/// <summary>
/// An array as a file holds it: an element type, a shape and row-major little-endian bytes.
/// A shape of <c>[]</c> is a single number.
/// </summary>
public sealed class StoredArray
{
    private readonly int[] _shape;
    private readonly byte[] _data;

    /// <summary>Wraps bytes without copying them; the caller must not change them afterwards.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the bytes do not fit the shape.</exception>
    public StoredArray(ElementType type, ReadOnlySpan<int> shape, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        foreach (var size in shape)
            if (size < 0)
                throw new ArgumentException($"StoredArray: a dimension is negative: {ShapeText(shape)}", nameof(shape));
        var dimensions = new long[shape.Length];
        for (var i = 0; i < shape.Length; i++)
            dimensions[i] = shape[i];
        if (!TryByteCount(type, dimensions, out var bytes) || bytes != data.Length)
            throw new ArgumentException(
                $"StoredArray: {type} {ShapeText(shape)} does not fit {data.Length} bytes", nameof(data));
        Type = type;
        _shape = shape.ToArray();
        _data = data;
    }

    /// <summary>The type of every element.</summary>
    public ElementType Type { get; }

    /// <summary>The dimensions, outermost first; empty for a single number.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>Row-major little-endian bytes.</summary>
    public ReadOnlySpan<byte> Data => _data;

    /// <summary>How many elements there are.</summary>
    public int Count => _data.Length / Type.Size();

    /// <summary>Stores numbers under a shape; without a shape there must be exactly one number.</summary>
    /// <exception cref="ArgumentException">The shape does not have as many elements as there are values.</exception>
    public static StoredArray From(ReadOnlySpan<float> values, params int[] shape) => Wrap(ElementType.F32, values, shape);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, int[])"/>
    public static StoredArray From(ReadOnlySpan<double> values, params int[] shape) => Wrap(ElementType.F64, values, shape);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, int[])"/>
    public static StoredArray From(ReadOnlySpan<long> values, params int[] shape) => Wrap(ElementType.I64, values, shape);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, int[])"/>
    public static StoredArray From(ReadOnlySpan<int> values, params int[] shape) => Wrap(ElementType.I32, values, shape);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, int[])"/>
    public static StoredArray From(ReadOnlySpan<byte> values, params int[] shape) => Wrap(ElementType.U8, values, shape);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, int[])"/>
    public static StoredArray From(ReadOnlySpan<bool> values, params int[] shape) => Wrap(ElementType.Bool, values, shape);

    /// <summary>The elements as single precision, whatever their type; false is 0 and true is 1.</summary>
    public float[] ToSingles() => Convert<float>();

    /// <summary>The elements as double precision, whatever their type; false is 0 and true is 1.</summary>
    public double[] ToDoubles() => Convert<double>();

    /// <summary>The elements as integers; false is 0 and true is 1.</summary>
    /// <exception cref="InvalidOperationException">A stored number is not a whole number that 64 bits with a sign can hold.</exception>
    public long[] ToInt64s()
    {
        if (Type == ElementType.U64 && Array.FindIndex(Convert<ulong>(), v => v > long.MaxValue) is >= 0 and var large)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"ToInt64s: element {large} of {Type} {ShapeText(_shape)} is {Convert<ulong>()[large]}, over {long.MaxValue}"));
        if (Type.IsReal())
        {
            var exact = Convert<double>();
            for (var i = 0; i < exact.Length; i++)
                if (!(Math.Abs(exact[i]) < 9.2e18) || exact[i] != Math.Truncate(exact[i]))
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"ToInt64s: element {i} of {Type} {ShapeText(_shape)} is {exact[i]}, not a whole number"));
        }

        return Convert<long>();
    }

    /// <summary>The elements as truth values: anything but zero is true.</summary>
    public bool[] ToBooleans()
    {
        return Type.IsReal() ? Array.ConvertAll(Convert<double>(), v => v != 0) : Array.ConvertAll(Convert<long>(), v => v != 0);
    }

    /// <summary>The type and the shape, as in <c>F32 [2,3]</c>.</summary>
    public override string ToString() => $"{Type} {ShapeText(_shape)}";

    /// <summary>Bytes of an array of this shape, or false if a dimension is negative or the count does not fit 64 bits.</summary>
    internal static bool TryByteCount(ElementType type, ReadOnlySpan<long> shape, out long bytes)
    {
        bytes = type.Size();
        var hasZero = false;
        foreach (var size in shape)
        {
            if (size < 0)
                return false;
            hasZero |= size == 0;
        }

        if (hasZero)
            bytes = 0;
        else
            foreach (var size in shape)
            {
                if (bytes > long.MaxValue / size)
                    return false;
                bytes *= size;
            }

        return true;
    }

    /// <summary>A shape as text, <c>[2,3]</c>.</summary>
    internal static string ShapeText<T>(ReadOnlySpan<T> shape) where T : IBinaryInteger<T> =>
        $"[{string.Join(',', shape.ToArray())}]";

    private static StoredArray Wrap<T>(ElementType type, ReadOnlySpan<T> values, int[] shape) where T : struct =>
        new(type, shape, MemoryMarshal.AsBytes(values).ToArray());

    private T[] Convert<T>() where T : unmanaged, INumber<T>
    {
        switch (Type)
        {
            case ElementType.F16: return Convert<Half, T>();
            case ElementType.F32: return Convert<float, T>();
            case ElementType.F64: return Convert<double, T>();
            case ElementType.I8: return Convert<sbyte, T>();
            case ElementType.U8: return Convert<byte, T>();
            case ElementType.I16: return Convert<short, T>();
            case ElementType.U16: return Convert<ushort, T>();
            case ElementType.I32: return Convert<int, T>();
            case ElementType.U32: return Convert<uint, T>();
            case ElementType.I64: return Convert<long, T>();
            case ElementType.U64: return Convert<ulong, T>();
            case ElementType.F8E4M3: return Array.ConvertAll(_data, b => T.CreateTruncating(SmallFloat.OfE4M3(b)));
            case ElementType.F8E5M2: return Array.ConvertAll(_data, b => T.CreateTruncating(SmallFloat.OfE5M2(b)));
            case ElementType.F8E8M0: return Array.ConvertAll(_data, b => T.CreateTruncating(SmallFloat.OfE8M0(b)));
            case ElementType.Bool: return Array.ConvertAll(_data, b => b != 0 ? T.One : T.Zero);
            default:
                var upper = MemoryMarshal.Cast<byte, ushort>(_data);
                var converted = new T[upper.Length];
                for (var i = 0; i < converted.Length; i++)
                    converted[i] = T.CreateTruncating(BitConverter.UInt32BitsToSingle((uint)upper[i] << 16));
                return converted;
        }
    }

    private TOut[] Convert<TIn, TOut>() where TIn : unmanaged, INumber<TIn> where TOut : unmanaged, INumber<TOut>
    {
        var stored = MemoryMarshal.Cast<byte, TIn>(_data);
        var converted = new TOut[stored.Length];
        if (typeof(TIn) == typeof(TOut)) _data.CopyTo(MemoryMarshal.AsBytes(converted.AsSpan()));
        else for (var i = 0; i < converted.Length; i++) converted[i] = TOut.CreateTruncating(stored[i]);
        return converted;
    }
}
