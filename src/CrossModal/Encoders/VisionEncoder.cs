using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Encoders;

/// <summary>A frozen encoder of pictures, whose features a policy's visual tokens are made of: the vision tower of CLIP or ViLT, or an ONNX
/// model.</summary>
/// <remarks>Pictures come as squares with bars, as a policy's own do. For several threads at once.</remarks>
internal abstract class VisionEncoder
{
    private const int LargestSide = 1024;

    /// <summary>Where its files are.</summary>
    public required EncoderFolder Folder { get; init; }

    /// <summary>Name of the output that is taken; null for the only one.</summary>
    public string? Output { get; init; }

    /// <summary>Height and width of its pictures in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>How its pixels are made.</summary>
    public required PixelNorm Norm { get; init; }

    /// <summary>Width e of a feature.</summary>
    public int Width { get; protected set; }

    /// <summary>Where the features lie in the picture.</summary>
    public TokenGrid Grid { get; protected set; }

    /// <summary>Features that were computed before; null to keep none.</summary>
    public FeatureCache? Cache { get; set; }

    /// <summary>Numbers of a picture's features, N·e.</summary>
    public int Length => Grid.Count * Width;

    /// <summary>Opens an encoder.</summary>
    /// <param name="given">What the options say of it.</param>
    /// <exception cref="FileFormatException">A file is missing, damaged or of another kind, the output is no feature map or sequence, or a
    /// package that computes ONNX models is missing.</exception>
    public static VisionEncoder Load(PretrainedEncoders given)
    {
        var (path, output) = Split(given.Vision!);
        VisionEncoder encoder = Directory.Exists(path) ? TowerEncoder.Open(path, given) : OnnxEncoder.Open(path, output, given);
        if (given.FeatureCache is { } cache) encoder.Cache = new FeatureCache(cache);
        return encoder;
    }

    /// <summary>A path and the name behind its last colon, if a file of the whole name does not exist.</summary>
    public static (string Path, string? Output) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        return File.Exists(text) || Directory.Exists(text) || colon < 1 || !File.Exists(text[..colon]) ? (text, null)
            : (text[..colon], text[(colon + 1)..]);
    }

    /// <summary>Encodes a picture.</summary>
    /// <param name="planes">Red, green and blue <c>[3, S, S]</c>, from 0 to 1.</param>
    /// <param name="features">Receives <c>[N, e]</c>, row by row of the picture.</param>
    public void Encode(ReadOnlySpan<float> planes, Span<float> features)
    {
        if (Cache is null)
        {
            Compute(planes).CopyTo(features);
            return;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Identity));
        hash.AppendData(MemoryMarshal.AsBytes(planes));
        var key = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (Cache.TryRead(key, features)) return;
        var computed = Compute(planes);
        computed.CopyTo(features);
        Cache.Write(key, computed);
    }

    /// <summary>Adds to what decides the numbers of a run that pictures have the features of this encoder.</summary>
    public void Describe(JsonObject configuration) => configuration["visionEncoder"] = Identity;

    /// <summary>Everything that decides the features of a picture.</summary>
    public string Identity => string.Create(CultureInfo.InvariantCulture,
        $"{Folder.Sha256}:{Output} {ImageSize} {string.Join(',', Norm.Mean)} {string.Join(',', Norm.Deviation)}{(Norm.BlueFirst ? " bgr" : "")}");

    /// <summary>The features <c>[N, e]</c> of normalised pixels <c>[3, S, S]</c>.</summary>
    protected abstract float[] Features(float[] pixels);

    /// <summary>A size that a picture can have.</summary>
    /// <exception cref="FileFormatException">It is none.</exception>
    protected static int Side(int size, string file) => size is > 0 and <= LargestSide ? size
        : throw new FileFormatException(file, $"takes pictures of {size} pixels a side, 1 to {LargestSide} are possible");

    private float[] Compute(ReadOnlySpan<float> planes)
    {
        var features = Features(Norm.Apply(planes));
        return features.Length == Length ? features : throw new ShapeException("VisionEncoder",
            $"{features.Length} features for a picture, expected [{Grid.Count}, {Width}]");
    }
}
