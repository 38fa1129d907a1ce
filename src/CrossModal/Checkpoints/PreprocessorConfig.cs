using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Checkpoints;

/// <summary><c>processor_config.json</c>, one file for the tokenizer and the pictures, as transformers 5 saves it.</summary>
internal sealed record ProcessorConfig
{
    /// <summary>How pictures are prepared; null in older files, which have a file of its own beside.</summary>
    public PreprocessorConfig? ImageProcessor { get; init; }
}

/// <summary><c>preprocessor_config.json</c> as published: what it leaves out is what the image processor it names does by
/// default.</summary>
internal sealed record PreprocessorConfig
{
    private static readonly double[] ClipMean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] ClipDeviation = [0.26862954, 0.26130258, 0.27577711];
    private static readonly double[] Half = [0.5, 0.5, 0.5];

    public string? ImageProcessorType { get; init; }

    public string? FeatureExtractorType { get; init; }

    public bool DoResize { get; init; } = true;

    public JsonElement Size { get; init; }

    public int Resample { get; init; } = 3;

    public int? SizeDivisor { get; init; }

    public bool? DoCenterCrop { get; init; }

    public JsonElement CropSize { get; init; }

    public bool DoRescale { get; init; } = true;

    public double RescaleFactor { get; init; } = 1 / 255.0;

    public bool DoNormalize { get; init; } = true;

    public double[]? ImageMean { get; init; }

    public double[]? ImageStd { get; init; }

    /// <summary>What is subtracted from each channel.</summary>
    public double[] Mean => ImageMean ?? (Is("Vilt") ? Half : ClipMean);

    /// <summary>What each channel is then divided by.</summary>
    public double[] Deviation => ImageStd ?? (Is("Vilt") ? Half : ClipDeviation);

    /// <summary>Whether the processor is one of a family, by the name the file gives.</summary>
    public bool Is(string family) => (ImageProcessorType ?? FeatureExtractorType)?.StartsWith(family, StringComparison.Ordinal) == true;

    /// <summary>A size: one number, or an object of named ones; null when the file gives none.</summary>
    /// <exception cref="FileFormatException">It is something else.</exception>
    public static PreprocessorSize? SizeOf(JsonElement size, string key, string file)
    {
        int? Named(string name) => size.TryGetProperty(name, out var side) && side.ValueKind != JsonValueKind.Null
            ? Number(side, $"{key}.{name}", file) : null;
        return size.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.Number => new PreprocessorSize(Number(size, key, file), null, null, null, null),
            JsonValueKind.Object => new PreprocessorSize(null, Named("shortest_edge"), Named("longest_edge"), Named("height"),
                Named("width")),
            _ => throw new FileFormatException(file, $"'{key}' is neither a number nor an object of numbers"),
        };
    }

    private static int Number(JsonElement number, string key, string file) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) && value is > 0 and <= ImagePreprocessor.LongestSide
            ? value
            : throw new FileFormatException(file, $"'{key}' holds a size that is not from 1 to {ImagePreprocessor.LongestSide}");
}

/// <summary>A size as published: one number, or named ones.</summary>
internal sealed record PreprocessorSize(int? Number, int? ShortestEdge, int? LongestEdge, int? Height, int? Width);
