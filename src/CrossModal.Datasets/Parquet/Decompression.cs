using System.Buffers.Binary;
using System.IO.Compression;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Unpacks pages of a Parquet file into memory of the size that their headers state.</summary>
internal static class Decompression
{
    private static readonly string[] Names = ["none", "Snappy", "gzip", "LZO", "Brotli", "LZ4 (Hadoop)", "Zstandard", "LZ4"];

    /// <summary>Unpacks bytes.</summary>
    /// <param name="codec">Number of the codec in Parquet.</param>
    /// <param name="packed">The bytes.</param>
    /// <param name="length">How many come out.</param>
    /// <param name="file">The file, for errors.</param>
    /// <exception cref="FileFormatException">They are damaged, or the codec is not read.</exception>
    public static byte[] Unpack(long codec, ReadOnlySpan<byte> packed, int length, string file)
    {
        var plain = new byte[length];
        var good = codec switch
        {
            0 => packed.Length == length && packed.TryCopyTo(plain),
            1 => Snappy(packed, plain),
            2 => Stream(input => new GZipStream(input, CompressionMode.Decompress), packed, plain),
            4 => BrotliDecoder.TryDecompress(packed, plain, out var written) && written == length,
            6 => Zstandard(packed, plain),
            7 => Lz4(packed, plain),
            _ => throw new FileFormatException(
                file, $"is compressed by {(codec is >= 0 and < 8 ? Names[codec] : $"codec {codec}")}, which is not read; write it again with Snappy or Zstandard"),
        };
        return good ? plain : throw new FileFormatException(file, $"a page compressed by {Names[codec]} is damaged");
    }

    /// <summary>Snappy's block format: a length, then literals and copies
    /// (https://github.com/google/snappy/blob/main/format_description.txt).</summary>
    private static bool Snappy(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        var at = 0;
        ulong stated = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (at >= packed.Length || shift > 28) return false;
            stated |= (ulong)(packed[at] & 127) << shift;
            if (packed[at++] < 128) break;
        }

        if (stated != (ulong)plain.Length) return false;
        var end = 0;
        while (at < packed.Length)
        {
            var tag = packed[at++];
            if ((tag & 3) == 0)
            {
                long literal = tag >> 2;
                if (literal >= 60)
                {
                    var bytes = (int)literal - 59;
                    if (at + bytes > packed.Length) return false;
                    literal = 0;
                    for (var b = 0; b < bytes; b++) literal |= (long)packed[at++] << (8 * b);
                }

                if (++literal > packed.Length - at || literal > plain.Length - end) return false;
                packed.Slice(at, (int)literal).CopyTo(plain[end..]);
                (at, end) = (at + (int)literal, end + (int)literal);
                continue;
            }

            var offsetBytes = (tag & 3) == 3 ? 4 : tag & 3;
            if (at + offsetBytes > packed.Length) return false;
            var (length, offset) = (tag & 3) switch
            {
                1 => ((tag >> 2 & 7) + 4, (uint)((tag >> 5) << 8 | packed[at])),
                2 => ((tag >> 2) + 1, BinaryPrimitives.ReadUInt16LittleEndian(packed[at..])),
                _ => ((tag >> 2) + 1, BinaryPrimitives.ReadUInt32LittleEndian(packed[at..])),
            };
            at += offsetBytes;
            if (!Copy(plain, ref end, offset, length)) return false;
        }

        return end == plain.Length;
    }

    /// <summary>LZ4's block format: literals and copies in turn, the last of which are literals.</summary>
    private static bool Lz4(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        var (at, end) = (0, 0);
        while (at < packed.Length)
        {
            var token = packed[at++];
            if (!Count(packed, ref at, token >> 4, out var literal) || literal > packed.Length - at || literal > plain.Length - end)
                return false;
            packed.Slice(at, literal).CopyTo(plain[end..]);
            (at, end) = (at + literal, end + literal);
            if (at == packed.Length) break;
            if (at + 2 > packed.Length) return false;
            uint offset = BinaryPrimitives.ReadUInt16LittleEndian(packed[at..]);
            at += 2;
            if (!Count(packed, ref at, token & 15, out var length) || !Copy(plain, ref end, offset, length + 4)) return false;
        }

        return end == plain.Length;

        static bool Count(ReadOnlySpan<byte> packed, ref int at, int first, out int count)
        {
            count = first;
            if (first < 15) return true;
            while (at < packed.Length)
            {
                var more = packed[at++];
                count += more;
                if (count > Array.MaxLength / 2) return false;
                if (more < 255) return true;
            }

            return false;
        }
    }

    /// <summary>Repeats what was unpacked so many bytes ago; the two may overlap.</summary>
    private static bool Copy(Span<byte> plain, ref int end, uint offset, int length)
    {
        if (offset == 0 || offset > end || length > plain.Length - end) return false;
        for (var i = 0; i < length; i++, end++) plain[end] = plain[end - (int)offset];
        return true;
    }

    private static bool Zstandard(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        try
        {
            using var decompressor = new ZstdSharp.Decompressor();
            return decompressor.TryUnwrap(packed, plain, out var written) && written == plain.Length;
        }
        catch (ZstdSharp.ZstdException)
        {
            return false;
        }
    }

    private static bool Stream(Func<MemoryStream, Stream> open, ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        try
        {
            using var unpacked = open(new MemoryStream(packed.ToArray()));
            return unpacked.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false) == plain.Length && unpacked.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
