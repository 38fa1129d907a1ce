namespace CrossModal.Imaging;

/// <summary>One sRGB colour, 8 bits a channel.</summary>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>The colour <paramref name="t"/> of the way from one to another, per channel, t clamped to 0–1.</summary>
    public static Rgb Mix(Rgb from, Rgb to, double t)
    {
        t = Math.Clamp(t, 0, 1);
        return new Rgb(Channel(from.R, to.R, t), Channel(from.G, to.G, t), Channel(from.B, to.B, t));
    }

    /// <summary>The perceived brightness, 0–255 (ITU-R BT.601 weights).</summary>
    public byte Luma => (byte)((299 * R + 587 * G + 114 * B + 500) / 1000);

    private static byte Channel(byte from, byte to, double t) => (byte)Math.Round(from + (to - from) * t);
}
