namespace CrossModal.Engine.Formats;

/// <summary>Numbers of 8 bits as single precision, which holds all of them exactly.</summary>
internal static class SmallFloat
{
    private const int HalfMantissa = 10;

    /// <summary>Sign, 4 bits of exponent with a bias of 7, 3 of mantissa; the largest pattern is no number, and none is infinite.</summary>
    public static float OfE4M3(byte bits)
    {
        var magnitude = bits & 0x7F;
        if (magnitude == 0x7F) return float.NaN;

        // The same fields of a half have a bias of 15, so that its number is 2⁸ times smaller.
        var half = (ushort)((bits & 0x80) << 8 | magnitude << (HalfMantissa - 3));
        return (float)BitConverter.UInt16BitsToHalf(half) * 256;
    }

    /// <summary>The upper byte of a half.</summary>
    public static float OfE5M2(byte bits) => (float)BitConverter.UInt16BitsToHalf((ushort)(bits << 8));

    /// <summary>2^(bits − 127); 255 is no number.</summary>
    public static float OfE8M0(byte bits) => bits == 0xFF ? float.NaN : MathF.ScaleB(1, bits - 127);
}
