using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>What a method says of the patches of every camera.</summary>
/// <param name="Method">The method.</param>
/// <param name="Grid">Where the patches lie.</param>
/// <param name="Rows">Number of words that each have a map; 1 when there is one of the decision as a whole.</param>
/// <param name="Views">For every camera, row after row, <c>[Rows, Grid.Count]</c>, on the method's own scale; 0 or more.</param>
public sealed record ExplanationMap(IMapMethod Method, TokenGrid Grid, int Rows, IReadOnlyList<float[]> Views)
{
    /// <summary>The same with signs, where a method has them: what speaks for and against the decision; null where it has none.</summary>
    public IReadOnlyList<float[]>? Signed { get; init; }

    /// <summary>How far an integral over a path misses what it must add up to, relative to that; null for other methods.</summary>
    public double? Residual { get; init; }

    /// <summary>The map of one word over one camera's patches; of null the mean over words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such camera or word.</exception>
    public float[] Of(int view, int? word)
    {
        if (view < 0 || view >= Views.Count)
            throw new ArgumentOutOfRangeException(nameof(view), $"ExplanationMap: there are {Views.Count} cameras, not camera {view}");
        if (word is < 0 || word >= Rows)
            throw new ArgumentOutOfRangeException(nameof(word), $"ExplanationMap: there are {Rows} rows, not row {word}");
        if (word is { } row) return Views[view].AsSpan(row * Grid.Count, Grid.Count).ToArray();
        var mean = new float[Grid.Count];
        for (var i = 0; i < Views[view].Length; i++) mean[i % Grid.Count] += Views[view][i] / Rows;
        return mean;
    }

    /// <summary>The mean of some words' maps over all cameras, one after the other; of a method with one map, that.</summary>
    /// <param name="words">The words; the mean over all when there is none.</param>
    public float[] OfWords(IReadOnlyList<int> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (Rows == 1 || words.Count == 0) return Joined(null);
        var maps = words.Select(word => Joined(word)).ToList();
        return [.. Enumerable.Range(0, maps[0].Length).Select(i => maps.Average(map => map[i]))];
    }

    /// <summary>The maps of every word over one camera's patches as weights that sum to 1 over all cameras, to be drawn.</summary>
    /// <param name="view">The camera.</param>
    public WordMap ToWordMap(int view)
    {
        var weights = Views[view].ToArray();
        for (var word = 0; word < Rows; word++)
        {
            var row = weights.AsSpan(word * Grid.Count, Grid.Count);
            var sum = Joined(word).Sum(x => (double)x);
            for (var i = 0; i < row.Length && sum > 0; i++) row[i] = (float)(row[i] / sum);
        }

        return WordMap.Of(Method.Name, Grid, Tensor.From(weights, [1, Rows, Grid.Count]), view);
    }

    /// <summary>The maps of one word over all cameras, one after the other, <c>[V · Grid.Count]</c>; of null the mean over words.</summary>
    public float[] Joined(int? word) => [.. Enumerable.Range(0, Views.Count).SelectMany(view => Of(view, word))];
}
