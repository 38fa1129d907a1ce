using System.Globalization;
using CrossModal.Engine.Formats;

namespace CrossModal.Encoders;

/// <summary>How an encoder's pixels are made of a picture: (x − mean) / deviation of each channel, x from 0 to 1.</summary>
/// <param name="Mean">Means of red, green and blue.</param>
/// <param name="Deviation">Deviations of red, green and blue.</param>
/// <param name="BlueFirst">Whether the encoder takes blue, green, red.</param>
internal sealed record PixelNorm(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation, bool BlueFirst = false)
{
    /// <summary>Keys of a model's metadata.</summary>
    public const string SizeKey = "image_size", MeanKey = "image_mean", DeviationKey = "image_std", ChannelsKey = "image_channels";

    private const int Channels = 3;

    /// <summary>Makes an encoder's pixels.</summary>
    /// <param name="planes">Red, green and blue <c>[3, S, S]</c>, from 0 to 1.</param>
    public float[] Apply(ReadOnlySpan<float> planes)
    {
        var plane = planes.Length / Channels;
        var pixels = new float[planes.Length];
        for (var c = 0; c < Channels; c++)
        {
            var from = planes.Slice(c * plane, plane);
            var to = pixels.AsSpan((BlueFirst ? Channels - 1 - c : c) * plane, plane);
            for (var i = 0; i < plane; i++) to[i] = (from[i] - Mean[c]) / Deviation[c];
        }

        return pixels;
    }

    /// <summary>What options say, else a model's metadata.</summary>
    /// <exception cref="FileFormatException">Neither gives means and deviations, or not three of each that can be used.</exception>
    public static PixelNorm Of(PretrainedEncoders given, IReadOnlyDictionary<string, string> metadata, string file) =>
        Checked(new PixelNorm(
        given.Mean ?? Numbers(metadata, MeanKey, file), given.Deviation ?? Numbers(metadata, DeviationKey, file),
        given.BlueFirst ?? metadata.GetValueOrDefault(ChannelsKey) == "bgr"), file);

    /// <summary>The norm, if its numbers can be used.</summary>
    /// <exception cref="FileFormatException">They cannot.</exception>
    public static PixelNorm Checked(PixelNorm norm, string file) =>
        norm.Mean.Count == Channels && norm.Mean.All(float.IsFinite)
            && norm.Deviation.Count == Channels && norm.Deviation.All(d => float.IsFinite(d) && d != 0) ? norm
            : throw new FileFormatException(file, "the means and deviations of its pixels are not three numbers each that can be used");

    private static float[] Numbers(IReadOnlyDictionary<string, string> metadata, string key, string file)
    {
        if (!metadata.TryGetValue(key, out var text))
            throw new FileFormatException(file,
                $"its metadata has no '{key}': say how its pixels are normalised (--vision-mean, --vision-std)");
        return [.. text.Split(',').Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number : throw new FileFormatException(file, $"'{key}' of its metadata holds {FileFormatException.Quote(text)}"))];
    }
}
