using System.Buffers.Binary;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>What an MP4 file says of its first video: codec, size, pictures and their rate. Pictures themselves are decoded elsewhere
/// (<see cref="Ffmpeg"/>).</summary>
/// <param name="Codec">Its codec, such as <c>H.264</c>.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Frames">Number of pictures.</param>
/// <param name="Rate">Pictures a second, in Hz.</param>
internal sealed record Mp4File(string Codec, int Width, int Height, long Frames, double Rate)
{
    private const int MostBoxes = 10_000;
    private const long LargestDescription = 64 << 20;

    /// <summary>Reads a file's description.</summary>
    /// <exception cref="FileFormatException">It is no MP4 file, damaged, or holds no video.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Mp4File Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> head = stackalloc byte[16];
        for (var boxes = 0; boxes < MostBoxes && stream.Length - stream.Position >= 8; boxes++)
        {
            var start = stream.Position;
            var read = stream.ReadAtLeast(head, 16, throwOnEndOfStream: false);
            long size = BinaryPrimitives.ReadUInt32BigEndian(head);
            var headBytes = size == 1 && read == 16 ? 16 : 8;
            if (headBytes == 16) size = BinaryPrimitives.ReadInt64BigEndian(head[8..]);
            if (size == 0) size = stream.Length - start;
            if (size < headBytes || size > stream.Length - start)
                throw new FileFormatException(
                path, $"was cut short or is no MP4 file: a part of {size} bytes begins at byte {start}, of {stream.Length}");
            if (head[4..8].SequenceEqual("moov"u8))
            {
                if (size > LargestDescription) throw new FileFormatException(
                    path, $"has a description of {size} bytes, over the limit of {LargestDescription}");
                var description = new byte[size - headBytes];
                stream.Position = start + headBytes;
                stream.ReadExactly(description);
                return OfMovie(description, path);
            }

            stream.Position = start + size;
        }

        throw new FileFormatException(path, "is no MP4 file, or was cut short: it has no description (moov)");
    }

    private static Mp4File OfMovie(ReadOnlySpan<byte> movie, string path)
    {
        foreach (var (from, to) in Boxes(movie, "trak"u8))
        {
            var media = Inner(movie[from..to], "mdia"u8);
            var handler = Inner(media, "hdlr"u8);
            if (handler.Length < 12 || !handler[8..12].SequenceEqual("vide"u8)) continue;
            var table = Inner(Inner(media, "minf"u8), "stbl"u8);
            var header = Inner(media, "mdhd"u8);
            var kinds = Inner(table, "stsd"u8);
            var times = Inner(table, "stts"u8);
            if (header.Length < 24 || kinds.Length < 44 || times.Length < 8) break;
            var scale = BinaryPrimitives.ReadUInt32BigEndian(header[(header[0] == 1 ? 20 : 12)..]);
            var (frames, duration) = (0L, 0.0);
            for (var rest = times[8..]; rest.Length >= 8; rest = rest[8..])
            {
                long count = BinaryPrimitives.ReadUInt32BigEndian(rest);
                (frames, duration) = (frames + count, duration + (double)count * BinaryPrimitives.ReadUInt32BigEndian(rest[4..]));
            }

            var (width, height) = (BinaryPrimitives.ReadUInt16BigEndian(kinds[40..]), BinaryPrimitives.ReadUInt16BigEndian(kinds[42..]));
            if (frames == 0 || duration <= 0 || scale == 0 || width == 0 || height == 0) break;
            return new Mp4File(Name(kinds[12..16]), width, height, frames, frames * (double)scale / duration);
        }

        throw new FileFormatException(path, "holds no video, or its description is damaged");
    }

    private static string Name(ReadOnlySpan<byte> code) => Encoding.Latin1.GetString(code) switch
    {
        "avc1" or "avc3" => "H.264",
        "hvc1" or "hev1" => "H.265",
        "av01" => "AV1",
        "vp09" => "VP9",
        "mp4v" => "MPEG-4 part 2",
        var other => FileFormatException.Quote(other),
    };

    /// <summary>The contents of the first box of a kind; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Inner(ReadOnlySpan<byte> outer, ReadOnlySpan<byte> kind) =>
        Boxes(outer, kind) is [var (from, to), ..] ? outer[from..to] : default;

    private static List<(int From, int To)> Boxes(ReadOnlySpan<byte> outer, ReadOnlySpan<byte> kind)
    {
        var found = new List<(int, int)>();
        for (var at = 0; outer.Length - at >= 8;)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(outer[at..]);
            if (size < 8 || size > outer.Length - at) break;
            if (outer.Slice(at + 4, 4).SequenceEqual(kind)) found.Add((at + 8, at + (int)size));
            at += (int)size;
        }

        return found;
    }
}
