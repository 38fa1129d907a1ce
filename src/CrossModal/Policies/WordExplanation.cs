using CrossModal.Explain;
using CrossModal.Imaging;

namespace CrossModal.Policies;

/// <summary>Where one word of the instruction attended in a picture, or what a method says the decision depends on.</summary>
public sealed class WordExplanation
{
    private readonly Lazy<Faithfulness> _faithfulness;
    private readonly int _index;
    private readonly Letterbox _letterbox;

    internal WordExplanation(string word, WordMap map, int index, RgbImage picture, int size, IMapMethod method, Func<Faithfulness> measure)
    {
        (Word, Map, _index, Picture) = (word, map, index, picture);
        Weights = map.Mean(index);
        _letterbox = Letterbox.Fit(picture.Width, picture.Height, size);
        (Method, _faithfulness) = (method, new(measure));
    }

    /// <summary>The method that made the map.</summary>
    public IMapMethod Method { get; }

    /// <summary>Of integrated gradients, how far they miss what they must add up to; null for other methods.</summary>
    public double? Residual { get; internal init; }

    /// <summary>Whether the decision depends on the patches in the order of the map (of all cameras), with score, baselines and
    /// verdict.</summary>
    /// <remarks>Measured when it is first asked for: some two thousand passes for the first map of a step, some fifty for each further
    /// one.</remarks>
    public Faithfulness Faithfulness => _faithfulness.Value;

    /// <summary>The word; empty for a map of the decision as a whole.</summary>
    public string Word { get; }

    /// <summary>The attention layer, with the weights of every head; of other methods than raw attention the one map, summing to 1 over all
    /// cameras.</summary>
    public WordMap Map { get; }

    /// <summary>The mean over heads of the word's attention weights over the patches, row by row, <c>[Map.Grid.Count]</c>.</summary>
    public IReadOnlyList<float> Weights { get; }

    /// <summary>The camera's picture.</summary>
    public RgbImage Picture { get; }

    /// <summary>The picture with the map over it; in grey, with the words of the verdict, once <see cref="Faithfulness"/> was measured and
    /// the map is no better than chance or cannot be judged.</summary>
    public RgbImage ToImage(HeatMapOptions? options = null)
    {
        var drawn = HeatMap.Overlay(Picture, Map.Mean(_index), Map.Grid.Rows, Map.Grid.Columns, options, _letterbox);
        if (!_faithfulness.IsValueCreated || Faithfulness.Verdict == FaithfulnessVerdict.Faithful) return drawn;
        return GreyedPicture.Of(drawn, CrossModal.Explain.Faithfulness.InWords(Faithfulness.Verdict));
    }

    /// <summary>Writes <see cref="ToImage"/> as a PNG file, beside and renamed.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, HeatMapOptions? options = null) => Png.Write(path, ToImage(options));
}
