using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Explain;
using CrossModal.Imaging;

namespace CrossModal.Cli.Commands;

/// <summary>Writes the pictures by which the faithfulness of maps is measured: patches taken away in the order of each map, one file for
/// each fill, order, number of patches and camera.</summary>
/// <param name="folder">Where they are written; each map has a folder of its own.</param>
internal sealed class PerturbedPictures(string folder)
{
    private const int LongestName = 60;

    private string _map = "";

    /// <summary>Number of files written.</summary>
    public int Count { get; private set; }

    /// <summary>Begins the pictures of a map.</summary>
    /// <param name="word">Number of the word, from 0.</param>
    /// <param name="text">The word.</param>
    /// <param name="layer">Name of the map.</param>
    public void Begin(int word, string text, string layer) =>
        _map = $"{word:00}-{FileNamePart.Of(text, LongestName)}-{FileNamePart.Of(layer, LongestName)}";

    /// <summary>Writes a perturbed picture of the map that was begun.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Keep(PerturbedPicture picture)
    {
        var into = Path.Combine(folder, _map);
        Directory.CreateDirectory(into);
        var shape = picture.Pictures.Shape;
        var (height, width) = (shape[shape.Rank - 2], shape[shape.Rank - 1]);
        var (order, views) = (picture.MostRelevantFirst ? "most" : "least", shape.Rank == 5 ? shape[1] : 1);
        for (var view = 0; view < views; view++)
        {
            var planes = picture.Pictures.Span.Slice(view * 3 * height * width, 3 * height * width);
            var pixels = new byte[planes.Length];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)MathF.Round(planes[i % 3 * height * width + i / 3] * 255);
            Png.Write(Path.Combine(into, string.Create(CultureInfo.InvariantCulture,
                $"{picture.Fill.ToString().ToLowerInvariant()}-{order}-{picture.Removed:000}-camera{view}.png")),
                new RgbImage(width, height, pixels));
            Count++;
        }
    }
}
