using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Imaging;

/// <summary>Takes a PNG file apart: checks the chunks, inflates the pixel data and undoes the row filters.</summary>
internal sealed class PngReader(byte[] file, string name)
{
    private const int ChunkFrame = 12;

    // Deflate spends at least 2 bits on 258 bytes; the slack is for tiny pictures.
    private const int MostInflation = 1032;
    private const int InflationSlack = 4096;

    private readonly MemoryStream _packed = new();
    private PngHeader? _header;
    private Rgb[]? _palette;
    private byte[]? _transparency;
    private int _orientation = ExifOrientation.AsStored;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>The picture, upright.</summary>
    public RgbImage Read(RgbConversion conversion)
    {
        if (!file.AsSpan().StartsWith(Signature))
            throw Fail("the file does not begin as a PNG file does", 0);
        var at = Signature.Length;
        string type, before = "";
        do
        {
            (type, var data) = Chunk(at);
            Take(type, before, data, at);
            at += ChunkFrame + data.Length;
            before = type;
        }
        while (type != "IEND");

        if (_packed.Length == 0)
            throw Fail("there is no pixel data before the end chunk", at - ChunkFrame);
        var raw = Inflate(_header!);
        return ExifOrientation.Upright(new PngPixels(_header!, _palette, _transparency, conversion, name).Decode(raw), _orientation);
    }

    private (string Type, ReadOnlyMemory<byte> Data) Chunk(int at)
    {
        if (file.Length - at < ChunkFrame)
            throw Fail("the file ends before its end chunk", at);
        var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
        var type = Encoding.Latin1.GetString(file, at + 4, 4);
        if (length > file.Length - at - ChunkFrame)
            throw Fail($"chunk {FileFormatException.Quote(type)} of {length} bytes runs past the end of the file", at);
        var body = file.AsSpan(at + 4, 4 + (int)length);
        var stored = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + (int)length));
        var crc = Crc32.Of(body);
        if (crc != stored)
            throw Fail(
                $"chunk {FileFormatException.Quote(type)} has the check value {crc:x8} and should have {stored:x8}", at);
        return (type, file.AsMemory(at + 8, (int)length));
    }

    private void Take(string type, string before, ReadOnlyMemory<byte> chunk, int at)
    {
        var data = chunk.Span;
        if (_header is null != (type == "IHDR"))
            throw Fail(_header is null ? "the first chunk is not IHDR" : "chunk 'IHDR' is there twice", at);
        switch (type)
        {
            case "IHDR":
                _header = ParseHeader(data, at);
                break;
            case "PLTE":
                if (_palette is not null || _packed.Length > 0 || data.Length is 0 or > 768 || data.Length % 3 != 0)
                    throw Fail($"chunk 'PLTE' of {data.Length} bytes is misplaced or not a palette", at);
                _palette = new Rgb[data.Length / 3];
                for (var i = 0; i < _palette.Length; i++)
                    _palette[i] = new Rgb(data[3 * i], data[3 * i + 1], data[3 * i + 2]);
                break;
            case "tRNS":
                TakeTransparency(data, at);
                break;
            case "IDAT":
                if (_packed.Length > 0 && before != "IDAT")
                    throw Fail("another chunk divides the pixel data", at);
                if (_header!.Color == PngColor.Palette && _palette is null)
                    throw Fail("the pixel data comes before its palette", at);
                _packed.Write(data);
                break;
            case "eXIf":
                _orientation = ExifOrientation.OfExif(data);
                break;
            case "IEND":
                break;
            default:
                // An upper-case first letter means that the picture cannot be shown without the chunk.
                if (!char.IsAsciiLetterLower(type[0]))
                    throw Fail($"chunk {FileFormatException.Quote(type)} is not known", at);
                break;
        }
    }

    private PngHeader ParseHeader(ReadOnlySpan<byte> data, int at)
    {
        if (data.Length != 13)
            throw Fail($"chunk 'IHDR' has {data.Length} bytes and should have 13", at);
        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > Png.LongestSide || height is 0 or > Png.LongestSide || (long)width * height > Png.MostPixels)
            throw Fail(
                $"a picture of {width}x{height} is not between 1x1 and {Png.LongestSide}x{Png.LongestSide} with {Png.MostPixels} pixels",
                    at);
        int depth = data[8], color = data[9];
        var known = color switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!known)
            throw Fail($"colour type {color} with {depth} bits is not a kind of PNG", at);
        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw Fail($"compression {data[10]}, filter {data[11]} and interlace {data[12]} are not a kind of PNG", at);
        return new PngHeader((int)width, (int)height, depth, (PngColor)color, data[12] == 1);
    }

    private void TakeTransparency(ReadOnlySpan<byte> data, int at)
    {
        var fits = _header!.Color switch
        {
            PngColor.Grey => data.Length == 2,
            PngColor.Rgb => data.Length == 6,
            PngColor.Palette => _palette is not null && data.Length <= _palette.Length,
            _ => false,
        };
        if (!fits || _transparency is not null || _packed.Length > 0)
            throw Fail($"chunk 'tRNS' of {data.Length} bytes is misplaced or does not fit the colour type", at);
        _transparency = data.ToArray();
    }

    private byte[] Inflate(PngHeader header)
    {
        var wanted = header.RawBytes;
        if (wanted > Array.MaxLength || wanted > InflationSlack + MostInflation * _packed.Length)
            throw new FileFormatException(
                name, $"a picture of {header.Width}x{header.Height} cannot come out of {_packed.Length} bytes of pixel data");
        _packed.Position = 0;
        try
        {
            using var inflated = new ZLibStream(_packed, CompressionMode.Decompress);
            var raw = MeasuredStream.ReadGrowing(inflated, (int)wanted);
            if (raw.Length < wanted)
                throw new FileFormatException(name, $"the pixel data ends after {raw.Length} of {wanted} bytes");

            // Reading on also makes zlib compare its own check value.
            if (inflated.ReadByte() >= 0)
                throw new FileFormatException(name, $"there is pixel data beyond the {wanted} bytes of the picture");
            return raw;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // The bytes are in memory, so an IOException is zlib's as well: it asks for a dictionary, for one.
            throw new FileFormatException(name, "the pixel data cannot be unpacked", e);
        }
    }

    private FileFormatException Fail(string problem, int at) => new(name, $"{problem}, at byte {at}");
}
