using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Layers;

namespace CrossModal.Encoders;

/// <summary>An output of an ONNX model that is a feature map <c>[1, e, H, W]</c> or a sequence <c>[1, N, e]</c>.</summary>
internal sealed class OnnxEncoder : VisionEncoder
{
    private readonly IOnnxRunner _runner;
    private bool _map;
    private int _skipped;

    private OnnxEncoder(IOnnxRunner runner) => _runner = runner;

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileFormatException">It is missing or damaged, the output is neither feature map nor sequence, or nothing that
    /// computes ONNX models was registered.</exception>
    public static OnnxEncoder Open(string file, string? output, PretrainedEncoders given)
    {
        if (!File.Exists(file)) throw new FileFormatException(file, "there is no such file or folder");
        var open = OnnxRunners.Open ?? throw new FileFormatException(file,
            "is computed by the package CrossModal.OnnxRuntime: give the tool --with CrossModal.OnnxRuntime.dll, or call " +
                "OnnxRuntimeEncoders.Register()");
        var runner = open(file, output);
        var sizes = runner.InputSizes;
        if (sizes.Count != 4 || sizes[1] is not (3 or < 1) || sizes[2] > 0 && sizes[3] > 0 && sizes[2] != sizes[3])
            throw new FileFormatException(file, $"its input [{string.Join(", ", sizes)}] is no picture [1, 3, S, S]");
        var fixedSide = Math.Max(sizes[2], sizes[3]);
        var said = given.ImageSize ?? (runner.Metadata.TryGetValue(PixelNorm.SizeKey, out var text)
            && int.TryParse(text, CultureInfo.InvariantCulture, out var side) ? side : fixedSide > 0 ? fixedSide
            : throw new FileFormatException(file, "its pictures may have any size: say which (--vision-size)"));
        if (fixedSide > 0 && said != fixedSide)
            throw new FileFormatException(file, $"takes pictures of {fixedSide} pixels a side, not {said}");
        var encoder = new OnnxEncoder(runner)
        {
            Folder = EncoderFolder.Of([file]),
            Output = output,
            ImageSize = Side(said, file),
            Norm = PixelNorm.Of(given, runner.Metadata, file),
        };
        encoder.Measure(file);
        return encoder;
    }

    /// <inheritdoc/>
    protected override float[] Features(float[] pixels)
    {
        var values = _runner.Run(pixels, ImageSize).Values;
        if (!_map) return _skipped == 0 ? values : values[(_skipped * Width)..];
        var features = new float[values.Length];
        var count = Grid.Count;
        for (var e = 0; e < Width; e++)
            for (var n = 0; n < count; n++) features[n * Width + e] = values[e * count + n];
        return features;
    }

    /// <summary>Finds width and grid by computing one picture.</summary>
    private void Measure(string file)
    {
        var sizes = _runner.Run(new float[3 * ImageSize * ImageSize], ImageSize).Sizes;
        if (sizes is [1, var width, var rows, var columns] && rows * columns > 1)
        {
            (_map, Width, Grid) = (true, width, new TokenGrid(rows, columns));
            return;
        }

        // A sequence is a square of patches, perhaps behind a class token.
        if (sizes is [1, var tokens, var e] && tokens > 1)
        {
            foreach (var skipped in (int[])[0, 1])
            {
                var side = (int)Math.Round(Math.Sqrt(tokens - skipped));
                if (side < 2 || side * side != tokens - skipped) continue;
                (_skipped, Width, Grid) = (skipped, e, new TokenGrid(side, side));
                return;
            }
        }

        throw new FileFormatException(file,
            $"the output{(Output is null ? "" : $" '{Output}'")} [{string.Join(", ", sizes)}] is neither a feature map [1, e, H, W] nor a sequence [1, N, e] of a square of patches; name another one behind the file: FILE:output");
    }
}
