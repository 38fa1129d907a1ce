namespace CrossModal.Imaging;

/// <summary>
/// Fits a picture of any size into a square model input without stretching it, and leads back from the square to the picture.
/// Coordinates are continuous, in pixels, from the upper left corner of the picture or of the square; pixel i covers [i, i + 1).
/// </summary>
public sealed record Letterbox
{
    private Letterbox(int imageWidth, int imageHeight, int size)
    {
        ImageWidth = imageWidth;
        ImageHeight = imageHeight;
        Size = size;
        var scale = (double)size / Math.Max(imageWidth, imageHeight);
        ContentWidth = Math.Max(1, (int)Math.Round(imageWidth * scale));
        ContentHeight = Math.Max(1, (int)Math.Round(imageHeight * scale));
        OffsetX = (size - ContentWidth) / 2;
        OffsetY = (size - ContentHeight) / 2;
    }

    /// <summary>Width of the picture, pixels.</summary>
    public int ImageWidth { get; }

    /// <summary>Height of the picture, pixels.</summary>
    public int ImageHeight { get; }

    /// <summary>Side of the square, pixels.</summary>
    public int Size { get; }

    /// <summary>Width the picture takes in the square, pixels.</summary>
    public int ContentWidth { get; }

    /// <summary>Height the picture takes in the square, pixels.</summary>
    public int ContentHeight { get; }

    /// <summary>Columns of padding to the left of the picture.</summary>
    public int OffsetX { get; }

    /// <summary>Rows of padding above the picture.</summary>
    public int OffsetY { get; }

    /// <summary>Square pixels per picture pixel across. Differs from <see cref="ScaleY"/> by rounding to whole pixels only.</summary>
    public double ScaleX => (double)ContentWidth / ImageWidth;

    /// <summary>Square pixels per picture pixel down.</summary>
    public double ScaleY => (double)ContentHeight / ImageHeight;

    /// <summary>How pictures of this size go into a square of this side, centred.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public static Letterbox Fit(int imageWidth, int imageHeight, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageHeight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return new Letterbox(imageWidth, imageHeight, size);
    }

    /// <summary>The model's input: the picture resized, in a square of the padding colour.</summary>
    /// <exception cref="ArgumentException">The picture has another size than this was made for.</exception>
    public RgbImage Apply(RgbImage image, Rgb padding = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Width != ImageWidth || image.Height != ImageHeight)
            throw new ArgumentException(
                $"Letterbox: made for {ImageWidth}x{ImageHeight}, got {image.Width}x{image.Height}", nameof(image));
        var square = new RgbImage(Size, Size);
        square.Fill(padding);
        square.Paste(
            ImageResize.Resize(image, ContentWidth, ContentHeight, ResizeFilter.BilinearAntialias), OffsetX, OffsetY);
        return square;
    }

    /// <summary>Where a point of the picture lies in the square.</summary>
    public (double X, double Y) ToSquare(double x, double y) => (x * ScaleX + OffsetX, y * ScaleY + OffsetY);

    /// <summary>Where a point of the square lies in the picture; outside it for padding.</summary>
    public (double X, double Y) ToImage(double x, double y) => ((x - OffsetX) / ScaleX, (y - OffsetY) / ScaleY);

    /// <summary>
    /// The part of the picture that a patch of a <paramref name="rows"/> by <paramref name="columns"/> grid over the square sees,
    /// cut to the picture; null if the patch sees padding only.
    /// </summary>
    public (double Left, double Top, double Right, double Bottom)? PatchInImage(int row, int column, int rows, int columns)
    {
        var (left, top) = ToImage((double)column * Size / columns, (double)row * Size / rows);
        var (right, bottom) = ToImage((column + 1.0) * Size / columns, (row + 1.0) * Size / rows);
        left = Math.Max(0, left);
        top = Math.Max(0, top);
        right = Math.Min(ImageWidth, right);
        bottom = Math.Min(ImageHeight, bottom);
        return left < right && top < bottom ? (left, top, right, bottom) : null;
    }

    /// <summary>The share of a patch that is padding, 0–1.</summary>
    public double PaddingShare(int row, int column, int rows, int columns)
    {
        if (PatchInImage(row, column, rows, columns) is not { } seen)
            return 1;
        var area = (seen.Right - seen.Left) * ScaleX * (seen.Bottom - seen.Top) * ScaleY;
        return Math.Clamp(1 - area * rows * columns / ((double)Size * Size), 0, 1);
    }
}
