namespace CrossModal.Imaging;

/// <summary>
/// Colours for numbers from 0 to 1. Viridis and inferno are sampled at 33 stops (CC0, Smith, van der Walt and Firing,
/// github.com/BIDS/colormap) and stay within 2/255 of the 256 published colours; turbo is its author's published polynomial
/// (Mikhailov 2019, Apache-2.0), which differs from his table by up to about 20/255.
/// </summary>
public sealed class ColorMap
{
    private readonly Func<double, Rgb> _color;

    private ColorMap(string name, Func<double, Rgb> color)
    {
        Name = name;
        _color = color;
    }

    /// <summary>Dark violet to yellow, evenly brighter: the default.</summary>
    public static ColorMap Viridis { get; } = FromStops("viridis", [
        0x440154, 0x470D60, 0x48186A, 0x482374, 0x472D7B, 0x453681, 0x424086, 0x3F4989, 0x3B528B, 0x375A8D, 0x33638D,
        0x2F6A8E, 0x2C728E, 0x297A8E, 0x26818E, 0x23898E, 0x21908C, 0x1F988B, 0x1F9F88, 0x21A685, 0x28AE80, 0x31B57B,
        0x3EBC74, 0x4CC26C, 0x5DC963, 0x6ECE58, 0x82D34C, 0x96D83F, 0xABDC32, 0xC0DF24, 0xD5E21A, 0xEAE51A, 0xFDE725,
    ]);

    /// <summary>Black over red to pale yellow, evenly brighter: for dark overlays.</summary>
    public static ColorMap Inferno { get; } = FromStops("inferno", [
        0x000004, 0x040312, 0x0B0724, 0x150B37, 0x210C4A, 0x2E0A5A, 0x3C0965, 0x4A0C6B, 0x57106D, 0x63146E, 0x70196E,
        0x7D1E6D, 0x89226A, 0x962766, 0xA32B61, 0xAF315C, 0xBB3755, 0xC63E4D, 0xD14644, 0xDB4F3B, 0xE35932, 0xEB6528,
        0xF1711E, 0xF67F14, 0xF98D0A, 0xFB9C06, 0xFCAB0F, 0xFBBA1F, 0xF9CA32, 0xF5D949, 0xF2E865, 0xF3F586, 0xFCFFA4,
    ]);

    /// <summary>Rainbow; its lightness is not monotonic, so use it only when asked for.</summary>
    public static ColorMap Turbo { get; } = new("turbo", t => new Rgb(
        Polynomial(t, [0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943]),
        Polynomial(t, [0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604]),
        Polynomial(t, [0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973])));

    /// <summary>For signed numbers: cyan below ½, near black at ½, yellow above; both ends equally bright, safe for colour-blind
    /// readers.</summary>
    public static ColorMap CyanYellow { get; } = FromStops(
        "cyan-yellow", [0x6FE3FF, 0x2FB2DC, 0x1B7FA6, 0x174E6B, 0x18181C, 0x5B4710, 0x957510, 0xCDA51C, 0xFFDA4A]);

    /// <summary>The maps by name.</summary>
    public static IReadOnlyList<ColorMap> All { get; } = [Viridis, Inferno, Turbo, CyanYellow];

    /// <summary>The name people know the map by.</summary>
    public string Name { get; }

    /// <summary>The colour of a number; below 0 counts as 0, above 1 as 1, and NaN is mid-grey.</summary>
    public Rgb At(double t) => double.IsNaN(t) ? new Rgb(128, 128, 128) : _color(Math.Clamp(t, 0, 1));

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ColorMap FromStops(string name, int[] stops) => new(name, t =>
    {
        var position = t * (stops.Length - 1);
        var below = Math.Min((int)position, stops.Length - 2);
        return Rgb.Mix(Unpack(stops[below]), Unpack(stops[below + 1]), position - below);
    });

    private static Rgb Unpack(int color) => new((byte)(color >> 16), (byte)(color >> 8), (byte)color);

    private static byte Polynomial(double t, ReadOnlySpan<double> coefficients)
    {
        var value = 0.0;
        for (var i = coefficients.Length - 1; i >= 0; i--)
            value = value * t + coefficients[i];
        return (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
    }
}
