using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace CrossModal.Tests.Imaging;

/// <summary>A plain PNG encoder for tests, independent of the library's: any colour type, depth, interlacing and row filter.</summary>
internal static class PngSample
{
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Encodes samples given by (x, y, channel); rows take the filters 0 to 4 in turn.</summary>
    public static byte[] Encode(
        int width, int height, int color, int depth, bool interlaced, Func<int, int, int, int> sample, params (string, byte[])[] chunks)
    {
        var raw = new MemoryStream();
        var filter = 0;
        foreach (var (x0, y0, dx, dy) in interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            byte[]? above = null;
            for (var y = y0; y < height && x0 < width; y += dy)
            {
                var row = PackRow(width, color, depth, x0, dx, (x, c) => sample(x, y, c));
                above ??= new byte[row.Length];
                raw.Write(Filter(filter++ % 5, row, above, Math.Max(1, Channels(color) * depth / 8)));
                above = row;
            }
        }

        byte[] header = [0, 0, 0, 0, 0, 0, 0, 0, (byte)depth, (byte)color, 0, 0, (byte)(interlaced ? 1 : 0)];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        var packed = Deflate(raw.ToArray());
        var half = packed.Length / 2;
        return File([("IHDR", header), .. chunks, ("IDAT", packed[..half]), ("IDAT", packed[half..]), ("IEND", [])]);
    }

    public static int Channels(int color) => color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    public static byte[] Deflate(byte[] raw)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(raw);
        return packed.ToArray();
    }

    public static byte[] File(params (string Type, byte[] Data)[] chunks)
    {
        var file = new List<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach (var (type, data) in chunks)
        {
            var chunk = new byte[12 + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            Encoding.Latin1.GetBytes(type, chunk.AsSpan(4));
            data.CopyTo(chunk, 8);
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
            file.AddRange(chunk);
        }

        return [.. file];
    }

    /// <summary>Makes the check values of all chunks right again, so that damage reaches what lies behind them.</summary>
    public static void Repair(byte[] file)
    {
        for (var at = 8; file.Length - at >= 12;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
                return;
            BinaryPrimitives.WriteUInt32BigEndian(
                file.AsSpan(at + 8 + (int)length), Crc(file.AsSpan(at + 4, 4 + (int)length)));
            at += 12 + (int)length;
        }
    }

    // Bit by bit, unlike the library's table.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
        }

        return ~crc;
    }

    private static byte[] PackRow(int width, int color, int depth, int x0, int dx, Func<int, int, int> sample)
    {
        var bits = new StringBuilder();
        for (var x = x0; x < width; x += dx)
            for (var c = 0; c < Channels(color); c++)
                bits.Append(Convert.ToString(sample(x, c), 2).PadLeft(depth, '0'));
        while (bits.Length % 8 != 0)
            bits.Append('0');
        var row = new byte[bits.Length / 8];
        for (var i = 0; i < row.Length; i++)
            row[i] = Convert.ToByte(bits.ToString(8 * i, 8), 2);
        return row;
    }

    private static byte[] Filter(int filter, byte[] row, byte[] above, int step)
    {
        var filtered = new byte[1 + row.Length];
        filtered[0] = (byte)filter;
        for (var i = 0; i < row.Length; i++)
        {
            int a = i >= step ? row[i - step] : 0, b = above[i], c = i >= step ? above[i - step] : 0;
            int p = a + b - c, pa = Math.Abs(p - a), pb = Math.Abs(p - b), pc = Math.Abs(p - c);
            var paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
            filtered[1 + i] = (byte)(row[i] - filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth });
        }

        return filtered;
    }
}
