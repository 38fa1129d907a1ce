using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Imaging;

/// <summary>Writes 8-bit RGB PNG, each row with the filter that leaves the smallest sum of absolute differences.</summary>
internal static class PngWriter
{
    private const int Filters = 5;
    private const int Step = RgbImage.Channels;

    /// <summary>Writes a whole file.</summary>
    public static void Write(Stream stream, RgbImage image)
    {
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        header[8] = 8;
        header[9] = (byte)PngColor.Rgb;
        WriteChunk(stream, "IHDR", header);

        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            WriteRows(zlib, image);
        WriteChunk(stream, "IDAT", packed.GetBuffer().AsSpan(0, (int)packed.Length));
        WriteChunk(stream, "IEND", []);
    }

    private static void WriteRows(Stream stream, RgbImage image)
    {
        var length = image.Width * Step;
        ReadOnlySpan<byte> above = new byte[length];
        var tried = new byte[1 + length];
        var best = new byte[1 + length];
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Pixels.AsSpan(y * length, length);
            var least = long.MaxValue;
            for (var filter = 0; filter < Filters; filter++)
            {
                tried[0] = (byte)filter;
                var cost = Apply(filter, row, above, tried.AsSpan(1));
                if (cost >= least)
                    continue;
                least = cost;
                (tried, best) = (best, tried);
            }

            stream.Write(best);
            above = row;
        }
    }

    private static long Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered)
    {
        var cost = 0L;
        for (var i = 0; i < row.Length; i++)
        {
            int left = i < Step ? 0 : row[i - Step], up = above[i], corner = i < Step ? 0 : above[i - Step];
            var predicted = filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => PngPixels.Paeth(left, up, corner),
            };
            filtered[i] = (byte)(row[i] - predicted);
            cost += Math.Abs((int)(sbyte)filtered[i]);
        }

        return cost;
    }

    private static void WriteChunk(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        var frame = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(frame, data.Length);
        Encoding.ASCII.GetBytes(type, frame.AsSpan(4));
        stream.Write(frame);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(frame, Crc32.Of(data, Crc32.Of(frame.AsSpan(4))));
        stream.Write(frame.AsSpan(0, 4));
    }
}
