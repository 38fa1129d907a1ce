using System.Buffers.Binary;
using System.Numerics;

namespace CrossModal.Datasets;

/// <summary>The checksum of TFRecord: CRC-32C (Castagnoli), rotated and shifted so that a checksum of checksums is none.</summary>
internal static class Crc32C
{
    private const uint MaskDelta = 0xA282EAD8;

    /// <summary>The masked checksum of bytes.</summary>
    public static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + MaskDelta;
    }
}
