using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CrossModal.Client.Wire;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>A picture in a message: its bytes where they lie, or decoded.</summary>
/// <param name="Bytes">Rows from top to bottom.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Format">The bytes of a pixel.</param>
internal readonly record struct PictureValue(ReadOnlyMemory<byte> Bytes, int Width, int Height, PixelFormat Format)
{
    private const int LongestSide = 4096;

    /// <summary>Takes a picture out of a message: an array <c>[H, W, 3]</c>, <c>[3, H, W]</c>, <c>[H, W, 4]</c> or <c>[H, W]</c>, also with
    /// a leading axis of 1, of bytes or of floats from 0 to 1; or the bytes of a PNG or JPEG file.</summary>
    /// <param name="value">The value.</param>
    /// <param name="key">Its key, for messages.</param>
    /// <exception cref="RefusedException">It is no picture, or too large.</exception>
    public static PictureValue Of(object? value, string key) => value switch
    {
        NumpyArray array => OfArray(array, key),
        ReadOnlyMemory<byte> file => OfFile(file, key),
        null => throw new RefusedException(Refusal.Invalid, $"the observation has no '{key}'"),
        _ => throw new RefusedException(Refusal.Invalid, $"'{key}' is no picture: an array or the bytes of a PNG or JPEG file are needed"),
    };

    private static PictureValue OfArray(NumpyArray array, string key)
    {
        IReadOnlyList<int> shape = array.Shape is [1, _, _, _] ? [.. array.Shape.Skip(1)] : array.Shape;
        var first = shape is [3, _, _];
        var (height, width, channels) = shape switch
        {
            [3, var h, var w] => (h, w, 3),
            [var h, var w, (1 or 3 or 4) and var c] => (h, w, c),
            [var h, var w] => (h, w, 1),
            _ => (0, 0, 0),
        };
        if (height is < 1 or > LongestSide || width is < 1 or > LongestSide)
            throw new RefusedException(Refusal.Invalid,
                $"'{key}' has the shape [{string.Join(", ", array.Shape)}]; [H, W, 3] is needed, sides up to {LongestSide}");
        var format = channels switch { 1 => PixelFormat.Gray, 3 => PixelFormat.Rgb, _ => PixelFormat.Rgba };
        var bytes = array.Type == NumpyType.Byte ? array.Data : ToBytes(array, key);
        return new PictureValue(first ? ChannelsLast(bytes.Span, height * width) : bytes, width, height, format);
    }

    private static byte[] ToBytes(NumpyArray array, string key)
    {
        if (array.Type.Kind != 'f')
            throw new RefusedException(Refusal.Invalid, $"'{key}' is a picture of {array.Type}; bytes, or floats from 0 to 1, are needed");
        var values = array.ToSingles();
        var bytes = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not (>= 0 and <= 1))
                throw new RefusedException(Refusal.Invalid, $"'{key}' is a picture of floats with the value {values[i]}; 0 to 1 is needed");

            // As clients of this protocol do: multiplied by 255 and cut off.
            bytes[i] = (byte)(255 * values[i]);
        }

        return bytes;
    }

    private static byte[] ChannelsLast(ReadOnlySpan<byte> planes, int pixels)
    {
        var bytes = new byte[3 * pixels];
        for (var i = 0; i < pixels; i++)
            (bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]) = (planes[i], planes[pixels + i], planes[2 * pixels + i]);
        return bytes;
    }

    private static PictureValue OfFile(ReadOnlyMemory<byte> file, string key)
    {
        var (width, height) = Size(file.Span);
        if (width > LongestSide || height > LongestSide)
            throw new RefusedException(Refusal.Invalid,
                $"'{key}' is a picture of {width}x{height}; sides up to {LongestSide} are accepted");
        try
        {
            using var stream = MemoryMarshal.TryGetArray(file, out var segment)
                ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
                : new MemoryStream(file.ToArray(), writable: false);
            var image = Picture.Read(stream, key);
            return new PictureValue(image.Pixels, image.Width, image.Height, PixelFormat.Rgb);
        }
        catch (FileFormatException exception)
        {
            throw new RefusedException(Refusal.Invalid, exception.Message);
        }
    }

    /// <summary>The size that a PNG or JPEG file claims, before anything is decoded; 0 when it claims none.</summary>
    private static (long Width, long Height) Size(ReadOnlySpan<byte> file)
    {
        if (file.Length > 24 && file[0] == 0x89)
            return (BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]));
        var (width, height) = (0, 0);
        for (var i = 2; i + 9 < file.Length && file[i] == 0xFF; i += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(i + 2)..]))
            if (file[i + 1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                (height, width) = (Math.Max(height, BinaryPrimitives.ReadUInt16BigEndian(file[(i + 5)..])),
                    Math.Max(width, BinaryPrimitives.ReadUInt16BigEndian(file[(i + 7)..])));
        return (width, height);
    }
}
