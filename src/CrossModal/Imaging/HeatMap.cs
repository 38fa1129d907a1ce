namespace CrossModal.Imaging;

/// <summary>
/// Draws attention maps: patch weights <c>[gridRows, gridColumns]</c>, from the upper left, over the photograph they came from.
/// The photograph turns grey and a little darker, and the colour's opacity is AlphaMax·t^0.7.
/// </summary>
public static class HeatMap
{
    private const int Shades = 256;

    /// <summary>Opacity grows with this power of the strength.</summary>
    internal const double AlphaPower = 0.7;

    /// <summary>Share of its light that the grey photograph keeps: a white gripper or table would otherwise outshine the colours.</summary>
    internal const double PhotoBrightness = 0.8;

    private static readonly Rgb PhotoGrey = new(102, 102, 102);

    /// <summary>
    /// The photograph with the heat map over it, in the photograph's size times <see cref="HeatMapOptions.Enlarge"/>.
    /// Without a letterbox the grid covers the whole photograph; with one, it covers the model's square input and padding is left out.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The weights do not fit the grid or are not finite, an option is out of range, or the letterbox was made for another size.
    /// </exception>
    public static RgbImage Overlay(
        RgbImage photo,
        ReadOnlySpan<float> patchWeights,
        int gridRows,
        int gridColumns,
        HeatMapOptions? options = null,
        Letterbox? letterbox = null)
    {
        ArgumentNullException.ThrowIfNull(photo);
        options ??= new HeatMapOptions();
        letterbox = CheckLetterbox(photo, letterbox);
        var positions = Positions(patchWeights, gridRows, gridColumns, options);
        var (colors, alphas) = Palette(options);
        var image = photo.Enlarge(options.Enlarge);

        // A point of the drawing in patches, from the grid's upper left.
        var columnAt = new double[image.Width];
        for (var x = 0; x < image.Width; x++)
        {
            var px = (x + 0.5) / options.Enlarge;
            columnAt[x] = gridColumns * (letterbox is null ? px / photo.Width : letterbox.ToSquare(px, 0).X / letterbox.Size);
        }

        for (var y = 0; y < image.Height; y++)
        {
            var py = (y + 0.5) / options.Enlarge;
            var row = gridRows * (letterbox is null ? py / photo.Height : letterbox.ToSquare(0, py).Y / letterbox.Size);
            for (var x = 0; x < image.Width; x++)
            {
                var position = options.Style == HeatMapStyle.Nearest
                    ? positions[(int)row * gridColumns + (int)columnAt[x]]
                    : Between(positions, gridRows, gridColumns, row - 0.5, columnAt[x] - 0.5);
                var shade = (int)Math.Round(position * (Shades - 1));
                var grey = (byte)Math.Round(PhotoBrightness * image[x, y].Luma);
                image[x, y] = Rgb.Mix(new Rgb(grey, grey, grey), colors[shade], alphas[shade]);
            }
        }

        return image;
    }

    /// <summary>The overlay with a title above and its colour bar below.</summary>
    /// <exception cref="ArgumentException">As <see cref="Overlay"/>.</exception>
    public static RgbImage Figure(
        RgbImage photo,
        ReadOnlySpan<float> patchWeights,
        int gridRows,
        int gridColumns,
        string title,
        HeatMapOptions? options = null,
        Letterbox? letterbox = null)
    {
        options ??= new HeatMapOptions();
        return HeatMapFigure.Frame(
            Overlay(photo, patchWeights, gridRows, gridColumns, options, letterbox), title, options);
    }

    /// <summary>The colours from the lowest weight on the left to the highest on the right, each over mid-grey.</summary>
    /// <exception cref="ArgumentException">A side is not positive.</exception>
    public static RgbImage ColorBar(HeatMapOptions options, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (colors, alphas) = Palette(options);
        var bar = new RgbImage(width, height);
        for (var x = 0; x < width; x++)
        {
            var shade = x * (Shades - 1) / Math.Max(1, width - 1);
            Drawing.Rectangle(bar, x, 0, 1, height, Rgb.Mix(PhotoGrey, colors[shade], alphas[shade]));
        }

        return bar;
    }

    /// <summary>
    /// The plain picture of the weights, <c>[imageHeight, imageWidth]</c>: each fills the patchSize × patchSize block of its patch,
    /// and pixels beyond the last whole patch stay 0 (the tutorial's <c>generateHeatmap</c>, as written).
    /// </summary>
    /// <exception cref="ArgumentException">The weights do not fit the grid, or the grid does not fit the image.</exception>
    public static float[] FillPixels(
        ReadOnlySpan<float> weights, int gridRows, int gridColumns, int imageHeight, int imageWidth, int patchSize)
    {
        CheckGrid(weights, gridRows, gridColumns);
        if (patchSize <= 0 || (long)gridRows * patchSize > imageHeight || (long)gridColumns * patchSize > imageWidth)
            throw new ArgumentException(
                $"FillPixels: {gridRows}x{gridColumns} patches of {patchSize} pixels do not fit {imageHeight}x{imageWidth} (height x width)");
        var pixels = new float[imageHeight * imageWidth];
        for (var y = 0; y < gridRows * patchSize; y++)
            for (var column = 0; column < gridColumns; column++)
                pixels.AsSpan(y * imageWidth + column * patchSize, patchSize)
                    .Fill(weights[y / patchSize * gridColumns + column]);
        return pixels;
    }

    /// <summary>The colours from the lowest position to the highest, and how opaque each is.</summary>
    private static (Rgb[] Colors, double[] Alphas) Palette(HeatMapOptions options)
    {
        var colors = new Rgb[Shades];
        var alphas = new double[Shades];
        for (var i = 0; i < Shades; i++)
        {
            var position = i / (Shades - 1.0);
            colors[i] = options.Map.At(position);
            alphas[i] = options.AlphaMax * Math.Pow(options.Scale.Strength(position), AlphaPower);
        }

        return (colors, alphas);
    }

    private static Letterbox? CheckLetterbox(RgbImage photo, Letterbox? letterbox) =>
        letterbox is null || (letterbox.ImageWidth == photo.Width && letterbox.ImageHeight == photo.Height)
            ? letterbox
            : throw new ArgumentException(
                $"HeatMap: the letterbox was made for {letterbox.ImageWidth}x{letterbox.ImageHeight}, the photograph has {photo.Width}x{photo.Height}",
                nameof(letterbox));

    private static void CheckGrid(ReadOnlySpan<float> weights, int rows, int columns)
    {
        if (rows <= 0 || columns <= 0 || weights.Length != (long)rows * columns)
            throw new ArgumentException($"HeatMap: {weights.Length} weights for a grid of {rows}x{columns} patches");
    }

    private static double[] Positions(ReadOnlySpan<float> weights, int rows, int columns, HeatMapOptions options)
    {
        CheckGrid(weights, rows, columns);
        if (options.AlphaMax is not (>= 0 and <= 1) || options.Enlarge < 1)
            throw new ArgumentException(
                $"HeatMap: AlphaMax {options.AlphaMax} is not 0 to 1, or Enlarge {options.Enlarge} is not positive");
        var positions = new double[weights.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            if (!float.IsFinite(weights[i]))
                throw new ArgumentException($"HeatMap: the weight of patch ({i / columns}, {i % columns}) is {weights[i]}");
            positions[i] = options.Scale.Position(weights[i], weights.Length);
        }

        return positions;
    }

    private static double Between(double[] grid, int rows, int columns, double row, double column)
    {
        row = Math.Clamp(row, 0, rows - 1);
        column = Math.Clamp(column, 0, columns - 1);
        int top = (int)row, left = (int)column;
        int bottom = Math.Min(top + 1, rows - 1), right = Math.Min(left + 1, columns - 1);
        double down = row - top, across = column - left;
        return (1 - down) * ((1 - across) * grid[top * columns + left] + across * grid[top * columns + right])
            + down * ((1 - across) * grid[bottom * columns + left] + across * grid[bottom * columns + right]);
    }
}
