using CrossModal.Explain;
using CrossModal.Imaging;

namespace CrossModal.Policies;

/// <summary>Where one word of the instruction attended in a picture.</summary>
public sealed class WordExplanation
{
    private readonly int _index;
    private readonly Letterbox _letterbox;

    internal WordExplanation(string word, WordMap map, int index, RgbImage picture, int size)
    {
        (Word, Map, _index, Picture) = (word, map, index, picture);
        Weights = map.Mean(index);
        _letterbox = Letterbox.Fit(picture.Width, picture.Height, size);
    }

    /// <summary>The word.</summary>
    public string Word { get; }

    /// <summary>The attention layer, with the weights of every head.</summary>
    public WordMap Map { get; }

    /// <summary>The mean over heads of the word's attention weights over the patches, row by row, <c>[Map.Grid.Count]</c>.</summary>
    public IReadOnlyList<float> Weights { get; }

    /// <summary>The camera's picture.</summary>
    public RgbImage Picture { get; }

    /// <summary>The picture with the attention weights over it.</summary>
    public RgbImage ToImage(HeatMapOptions? options = null) =>
        HeatMap.Overlay(Picture, Map.Mean(_index), Map.Grid.Rows, Map.Grid.Columns, options, _letterbox);

    /// <summary>Writes <see cref="ToImage"/> as a PNG file, beside and renamed.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, HeatMapOptions? options = null) => Png.Write(path, ToImage(options));
}
