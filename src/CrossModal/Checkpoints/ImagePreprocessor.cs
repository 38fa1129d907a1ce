using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Imaging;

namespace CrossModal.Checkpoints;

/// <summary>A picture as the input of a model.</summary>
/// <param name="Pixels">Normalised pixels <c>[1, 3, H, W]</c>.</param>
/// <param name="Left">Left border of the part that becomes the input, in pixels of the picture; below 0 where the input is padding.</param>
/// <param name="Top">Upper border of that part.</param>
/// <param name="Right">Right border of that part.</param>
/// <param name="Bottom">Lower border of that part.</param>
public sealed record PreparedPicture(Tensor Pixels, double Left, double Top, double Right, double Bottom);

/// <summary>Prepares pictures as a checkpoint's <c>preprocessor_config.json</c> or <c>processor_config.json</c> says: resized, cut from the
/// middle, scaled, normalised.</summary>
/// <remarks>Sources followed: the image processors of CLIP, BLIP and ViLT in Hugging Face transformers that work on Pillow's pictures;
/// resizing gives Pillow's bytes (<see cref="ImageResize"/>). Files are to be read as its <c>load_image</c> does, upright and with Pillow's
/// conversion to RGB (<see cref="Picture.Read(string, RgbConversion)"/> with <see cref="RgbConversion.Pillow"/>), so that
/// <c>do_convert_rgb</c> leaves nothing to do.</remarks>
public sealed class ImagePreprocessor
{
    /// <summary>The longest side a picture is resized to, in pixels.</summary>
    public const int LongestSide = 4096;

    // ViLT keeps the longer side below 1333 pixels for a shorter one of 800, in proportion.
    private const int ViltLong = 1333, ViltShort = 800;

    private readonly PreprocessorConfig _config;
    private readonly PreprocessorSize _size;
    private readonly (int Width, int Height)? _crop;
    private readonly int? _divisor;
    private readonly ResizeFilter _filter;

    private ImagePreprocessor(PreprocessorConfig config, string file)
    {
        _config = config;
        var vilt = config.Is("Vilt");
        _size = PreprocessorConfig.SizeOf(config.Size, "size", file)
            ?? new PreprocessorSize(config.Is("Blip") || vilt ? 384 : 224, null, null, null, null);

        // One number is the shorter side for CLIP and ViLT, and both sides for BLIP.
        if (_size.Number is { } side)
            _size = config.Is("Blip") ? _size with { Height = side, Width = side } : _size with { ShortestEdge = side };
        if (_size.ShortestEdge is null && (_size.Height is null || _size.Width is null))
            throw new FileFormatException(file, "'size' gives neither the shorter side nor height and width");
        _divisor = config.SizeDivisor ?? (vilt ? 32 : null);
        if (_divisor is <= 0 or > LongestSide) throw new FileFormatException(file, $"'size_divisor' is {_divisor}");
        if (config.DoCenterCrop ?? config.Is("CLIP"))
        {
            var crop = PreprocessorConfig.SizeOf(config.CropSize, "crop_size", file) ?? new PreprocessorSize(224, null, null, null, null);
            _crop = crop.Number is { } both ? (both, both) : crop is { Width: { } width, Height: { } height } ? (width, height)
                : throw new FileFormatException(file, "'crop_size' gives no height and width");
        }

        _filter = config.Resample switch
        {
            0 => ResizeFilter.Nearest,
            1 => ResizeFilter.LanczosAntialias,
            2 => ResizeFilter.BilinearAntialias,
            3 => ResizeFilter.BicubicAntialias,
            _ => throw new FileFormatException(file,
                $"'resample' is {config.Resample}; 0 (nearest), 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are known"),
        };
        foreach (var (key, numbers) in new[] { ("image_mean", config.Mean), ("image_std", config.Deviation) })
            if (numbers.Length != RgbImage.Channels || !numbers.All(double.IsFinite) || key == "image_std" && numbers.Contains(0))
                throw new FileFormatException(file, $"'{key}' is not {RgbImage.Channels} numbers that can be used");
        if (!double.IsFinite(config.RescaleFactor))
            throw new FileFormatException(file, "'rescale_factor' is not a number that can be used");
    }

    /// <summary>What is subtracted from each channel.</summary>
    internal float[] Mean => Array.ConvertAll(_config.Mean, mean => (float)mean);

    /// <summary>What each channel is then divided by.</summary>
    internal float[] Deviation => Array.ConvertAll(_config.Deviation, deviation => (float)deviation);

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">The file is missing, damaged, or asks for something that is not known.</exception>
    public static ImagePreprocessor Read(string path) => Parse(ConfigFile.Bytes(path), path);

    /// <summary>Reads what a folder says, or null when it says nothing: <c>processor_config.json</c> comes first where it speaks of
    /// pictures, as in transformers 5, then <c>preprocessor_config.json</c>.</summary>
    /// <exception cref="FileFormatException">A file is damaged, or asks for something that is not known.</exception>
    internal static ImagePreprocessor? Find(string folder)
    {
        var processor = Path.Combine(folder, "processor_config.json");
        if (File.Exists(processor) && ConfigFile.Parse<ProcessorConfig>(ConfigFile.Bytes(processor),
            processor).ImageProcessor is { } pictures)
            return new ImagePreprocessor(pictures, processor);
        var preprocessor = Path.Combine(folder, "preprocessor_config.json");
        return File.Exists(preprocessor) ? Read(preprocessor) : null;
    }

    /// <summary>Reads a file's bytes; <paramref name="name"/> stands in the messages.</summary>
    internal static ImagePreprocessor Parse(byte[] file, string name) => new(ConfigFile.Parse<PreprocessorConfig>(file, name), name);

    /// <summary>Prepares a picture.</summary>
    /// <exception cref="ArgumentException">The picture is so long and thin that nothing is left of it, or too much.</exception>
    public PreparedPicture Prepare(RgbImage picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var (width, height) = _config.DoResize ? NewSize(picture.Width, picture.Height) : (picture.Width, picture.Height);
        if (width is <= 0 or > LongestSide * 4 || height is <= 0 or > LongestSide * 4)
            throw new ArgumentException($"a picture of {picture.Width}x{picture.Height} would be resized to {width}x{height}; cut it first",
                nameof(picture));
        var resized = width == picture.Width && height == picture.Height ? picture : ImageResize.Resize(picture, width, height, _filter);
        if (_crop is not { } crop) return new PreparedPicture(Normalize(resized), 0, 0, picture.Width, picture.Height);

        // What a picture lacks for the crop is black on all sides, one row or column more above and left when it cannot be halved.
        var left = width >= crop.Width ? (width - crop.Width) / 2 : -((crop.Width - width + 1) / 2);
        var top = height >= crop.Height ? (height - crop.Height) / 2 : -((crop.Height - height + 1) / 2);
        var cut = new RgbImage(crop.Width, crop.Height);
        cut.Paste(resized, -left, -top);
        var (scaleX, scaleY) = ((double)picture.Width / width, (double)picture.Height / height);
        return new PreparedPicture(Normalize(cut), left * scaleX, top * scaleY, (left + crop.Width) * scaleX, (top + crop.Height) * scaleY);
    }

    /// <summary>Prepares pictures of any sizes for one pass: each in the top left corner, black after normalisation around it.</summary>
    /// <returns>Pixels <c>[B, 3, H, W]</c> and which of them are real (1) or padding (0), <c>[B, H, W]</c>.</returns>
    /// <exception cref="ArgumentException">There is no picture, or one cannot be prepared.</exception>
    public (Tensor Pixels, Tensor PixelMask) PrepareBatch(IReadOnlyList<RgbImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0) throw new ArgumentException("ImagePreprocessor: there is no picture", nameof(pictures));
        var seen = pictures.Select(p => Prepare(p).Pixels).ToArray();
        var (height, width) = (seen.Max(p => p.Shape[2]), seen.Max(p => p.Shape[3]));
        var pixels = Tensor.Zeros([seen.Length, RgbImage.Channels, height, width]);
        var mask = Tensor.Zeros([seen.Length, height, width]);
        for (var b = 0; b < seen.Length; b++)
        {
            var (rows, columns) = (seen[b].Shape[2], seen[b].Shape[3]);
            for (var y = 0; y < rows; y++)
            {
                mask.Span.Slice((b * height + y) * width, columns).Fill(1);
                for (var c = 0; c < RgbImage.Channels; c++)
                    seen[b].Span.Slice((c * rows + y) * columns, columns)
                        .CopyTo(pixels.Span[(((b * RgbImage.Channels + c) * height + y) * width)..]);
            }
        }

        return (pixels, mask);
    }

    private (int Width, int Height) NewSize(int width, int height)
    {
        if (_size.ShortestEdge is not { } shorter) return (_size.Width!.Value, _size.Height!.Value);
        if (_divisor is { } divisor) return ViltSize(width, height, shorter, divisor);
        return width <= height ? (shorter, (int)((double)shorter * height / width)) : ((int)((double)shorter * width / height), shorter);
    }

    private static (int Width, int Height) ViltSize(int width, int height, int shorter, int divisor)
    {
        var longest = (int)((double)ViltLong / ViltShort * shorter);
        var scale = (double)shorter / Math.Min(width, height);
        var (newHeight, newWidth) = height < width ? ((double)shorter, scale * width) : (scale * height, (double)shorter);
        if (Math.Max(newHeight, newWidth) > longest)
        {
            scale = longest / Math.Max(newHeight, newWidth);
            (newHeight, newWidth) = (scale * newHeight, scale * newWidth);
        }

        return ((int)(newWidth + 0.5) / divisor * divisor, (int)(newHeight + 0.5) / divisor * divisor);
    }

    private Tensor Normalize(RgbImage image)
    {
        var plane = image.Width * image.Height;
        var pixels = Tensor.Zeros([1, RgbImage.Channels, image.Height, image.Width]);
        for (var c = 0; c < RgbImage.Channels; c++)
        {
            // A byte has 256 values: each is worked out once.
            var values = new float[256];
            for (var v = 0; v < values.Length; v++)
            {
                var value = (float)(_config.DoRescale ? v * _config.RescaleFactor : v);
                values[v] = _config.DoNormalize ? (value - (float)_config.Mean[c]) / (float)_config.Deviation[c] : value;
            }

            for (var i = 0; i < plane; i++) pixels.Span[c * plane + i] = values[image.Pixels[i * RgbImage.Channels + c]];
        }

        return pixels;
    }
}
