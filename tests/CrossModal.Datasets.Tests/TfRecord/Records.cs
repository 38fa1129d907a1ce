using System.Buffers.Binary;
using System.Text;
using CrossModal.Imaging;

namespace CrossModal.Datasets.Tests.TfRecord;

/// <summary>Small TFRecord files.</summary>
internal static class Records
{
    /// <summary>Records with their lengths and checksums.</summary>
    public static byte[] File(params byte[][] records)
    {
        using var file = new MemoryStream();
        var head = new byte[12];
        foreach (var record in records)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head, record.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), Crc32C.Masked(head.AsSpan(0, 8)));
            file.Write(head);
            file.Write(record);
            file.Write(BitConverter.GetBytes(Crc32C.Masked(record)));
        }

        return file.ToArray();
    }

    /// <summary>An example of an episode; the picture of step t has the value t everywhere.</summary>
    public static byte[] Episode(string instruction, float[][] actions, int side)
    {
        var steps = actions.Length;
        byte[] features =
        [
            .. Feature("steps/action", 2, Field(1, [.. actions.SelectMany(a => a).SelectMany(BitConverter.GetBytes)])),
            .. Feature("steps/is_first", 3, Field(1, [.. Enumerable.Range(0, steps).Select(t => (byte)(t == 0 ? 1 : 0))])),
            .. Feature("steps/observation/count", 3, [.. Enumerable.Range(0, steps)
                .SelectMany(t => (byte[])[1 << 3, .. Varint((ulong)(long)(t == 1 ? -1 : t))])]),
            .. Feature("steps/language_instruction", 1, [
                .. Enumerable.Range(0, steps).SelectMany(_ => Field(1, Encoding.UTF8.GetBytes(instruction)))]),
            .. Feature("steps/observation/front", 1, [.. Enumerable.Range(0, steps).SelectMany(t => Field(1, Picture((byte)t, side)))]),
        ];
        return Field(1, features);
    }

    private static byte[] Picture(byte value, int side)
    {
        var image = new RgbImage(side, side);
        image.Fill(new Rgb(value, value, value));
        using var png = new MemoryStream();
        Png.Write(png, image);
        return png.ToArray();
    }

    private static byte[] Feature(string name, int kind, byte[] list) =>
        Field(1, [.. Field(1, Encoding.UTF8.GetBytes(name)), .. Field(2, Field(kind, list))]);

    private static byte[] Field(int field, byte[] bytes) => [(byte)(field << 3 | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 128; value >>= 7) bytes.Add((byte)(value & 127 | 128));
        return [.. bytes, (byte)value];
    }
}
