using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Where the words of one sample look in one layer: the true weights of every head, as the forward pass used them.</summary>
public sealed class WordMap
{
    private readonly float[] _weights;

    private WordMap(string layer, int heads, int words, TokenGrid grid, float[] weights) =>
        (Layer, Heads, Words, Grid, _weights) = (layer, heads, words, grid, weights);

    /// <summary>Name of the attention, as in the checkpoint.</summary>
    public string Layer { get; }

    /// <summary>Number of heads H.</summary>
    public int Heads { get; }

    /// <summary>Number of words Nl.</summary>
    public int Words { get; }

    /// <summary>Where the patches lie.</summary>
    public TokenGrid Grid { get; }

    /// <summary>The weights of one head's word over the patches, row by row; they sum to 1, or less when the word also looks at words.</summary>
    public ReadOnlySpan<float> Head(int head, int word) => _weights.AsSpan((head * Words + word) * Grid.Count, Grid.Count);

    /// <summary>The mean over heads of a word's weights over the patches, row by row.</summary>
    public float[] Mean(int word)
    {
        var mean = new float[Grid.Count];
        for (var h = 0; h < Heads; h++)
        {
            var head = Head(h, word);
            for (var i = 0; i < mean.Length; i++) mean[i] += head[i] / Heads;
        }

        return mean;
    }

    /// <summary>How spread the words' attention is (mean over heads): the mean over words of entropy over ln N, from 0 (one patch each) to 1 (even).</summary>
    public double Spread()
    {
        if (Grid.Count < 2) return 0;
        double entropy = 0;
        for (var w = 0; w < Words; w++)
        {
            var mean = Mean(w);
            double total = mean.Sum();
            foreach (var x in mean)
                if (x > 0) entropy -= x / total * Math.Log(x / total);
        }

        return entropy / Math.Log(Grid.Count) / Words;
    }

    /// <summary>Reads the maps from words to patches out of a trace, in the order the layers ran.</summary>
    /// <remarks>An attention is from words to patches when its queries are the words and its keys the patches, or when both are words and
    /// patches in one sequence, words first; a class token may stand last in the sequence. Attention of other kinds (between words, of
    /// patches, of latents) is left out.</remarks>
    /// <param name="trace">The trace of a pass.</param>
    /// <param name="sample">Which sample of the batch.</param>
    /// <param name="words">Number of words of that sample.</param>
    /// <param name="padded">Number of words of the batch, with padding.</param>
    /// <param name="grid">Where the patches lie; a coarser grid is found when the strategy pooled them by whole factors.</param>
    public static IReadOnlyList<WordMap> Read(Trace trace, int sample, int words, int padded, TokenGrid grid)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var maps = new List<WordMap>();
        var joint = padded + grid.Count;

        // What looks at words and patches together from outside is latents: their attention to each other is never a joint sequence's.
        var latents = trace.Entries.Where(e => !IsSelf(e.Key) && e.Value.Shape[3] == joint).Select(e => e.Value.Shape[2]).ToHashSet();

        // Nor are those words that look at themselves in one sequence with the words.
        var sequences = trace.Entries.Where(e => IsSelf(e.Key) && Reduced(e.Value.Shape[3], grid) is null).Select(e => e.Value.Shape[3] - padded).ToHashSet();
        latents.UnionWith(trace.Entries.Where(e => !IsSelf(e.Key) && sequences.Contains(e.Value.Shape[2])).Select(e => e.Value.Shape[2]));
        foreach (var (name, weights) in trace.Entries)
        {
            var (queries, keys) = (weights.Shape[2], weights.Shape[3]);
            if (latents.Contains(queries)) continue;
            if (IsSelf(name) && queries == keys && keys - joint is 0 or 1) maps.Add(Cut(name, weights, sample, words, padded, grid));
            else if (queries - padded is 0 or 1 && !IsSelf(name) && Reduced(keys, grid) is { } cells)
                maps.Add(Cut(name, weights, sample, words, 0, cells));
        }

        return maps;
    }

    private static bool IsSelf(string name) => name.Contains("self", StringComparison.Ordinal);

    private static TokenGrid? Reduced(int keys, TokenGrid grid)
    {
        for (var factor = 1; factor <= Math.Min(grid.Rows, grid.Columns); factor++)
            if (new TokenGrid(grid.Rows / factor, grid.Columns / factor) is var smaller && smaller.Count == keys) return smaller;
        return null;
    }

    private static WordMap Cut(string name, Tensor weights, int sample, int words, int firstPatch, TokenGrid grid)
    {
        var (heads, queries, keys) = (weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        var cut = new float[heads * words * grid.Count];
        for (var h = 0; h < heads; h++)
        for (var w = 0; w < words; w++)
            weights.Span.Slice(((sample * heads + h) * queries + w) * keys + firstPatch, grid.Count).CopyTo(cut.AsSpan((h * words + w) * grid.Count));
        return new WordMap(name, heads, words, grid, cut);
    }
}
