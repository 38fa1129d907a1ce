using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Where the words of one sample look in one layer: the true weights of every head, as the forward pass used them.</summary>
public sealed class WordMap
{
    private readonly float[] _weights;

    private WordMap(string layer, int view, int heads, int words, TokenGrid grid, float[] weights) =>
        (Layer, View, Heads, Words, Grid, _weights) = (layer, view, heads, words, grid, weights);

    /// <summary>Makes a map of weights that were read or computed elsewhere.</summary>
    /// <param name="layer">What the weights are of.</param>
    /// <param name="grid">Where the patches lie.</param>
    /// <param name="weights">For every word over the patches, <c>[H, Nl, Nv]</c>.</param>
    /// <exception cref="ShapeException">The patches are not those of the grid.</exception>
    public static WordMap Of(string layer, TokenGrid grid, Tensor weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights.Shape.Rank == 3 && weights.Shape[2] == grid.Count
            ? new WordMap(layer, 0, weights.Shape[0], weights.Shape[1], grid, weights.ToArray())
            : throw new ShapeException("WordMap", $"weights {weights.Shape} are not [H, Nl, {grid.Count}]");
    }

    /// <summary>Name of the attention, as in the checkpoint.</summary>
    public string Layer { get; }

    /// <summary>Which camera's patches these are.</summary>
    public int View { get; }

    /// <summary>Number of heads H.</summary>
    public int Heads { get; }

    /// <summary>Number of words Nl.</summary>
    public int Words { get; }

    /// <summary>Where the patches lie.</summary>
    public TokenGrid Grid { get; }

    /// <summary>The weights of one head's word over the patches, row by row; they sum to 1, or less when the word also looks at words or at other cameras' patches.</summary>
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
    /// patches in one sequence, words first; a class token may stand last among words that are queries, and between words and patches.
    /// Attention of other kinds (between words, of patches, of latents) is left out. Where visual tokens were made fewer, maps are brought
    /// back to the patches through what the trace knows of that (<see cref="Trace.Sources"/>). With several cameras the keys are
    /// the patches of all of them, or of one: the same layer then runs once for each camera, or each has its own.</remarks>
    /// <param name="trace">The trace of a pass.</param>
    /// <param name="sample">Which sample of the batch.</param>
    /// <param name="words">Number of words of that sample.</param>
    /// <param name="padded">Number of words of the batch, with padding.</param>
    /// <param name="grid">Where the patches lie.</param>
    /// <param name="views">Number of cameras.</param>
    /// <returns>The maps; those of a layer that looks at all cameras at once follow each other, camera by camera.</returns>
    public static IReadOnlyList<WordMap> Read(Trace trace, int sample, int words, int padded, TokenGrid grid, int views = 1)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(views);
        var maps = new List<WordMap>();
        var patches = new CameraPatches(trace, grid, views);

        // What makes tokens fewer attends, too, but not from words; and what looks at words and patches together from outside is latents: their
        // attention to each other is never a joint sequence's.
        var entries = trace.Entries.Where(e => !trace.Sources.Any(s => e.Key.StartsWith($"{s.Key}.", StringComparison.Ordinal))).ToList();
        var latents = entries.Where(e => !IsSelf(e.Key) && !patches.Are(e.Value.Shape[3]) && patches.Are(e.Value.Shape[3] - padded)).Select(e => e.Value.Shape[2]).ToHashSet();

        // Nor are those words that look at themselves in one sequence with the words.
        var sequences = entries.Where(e => IsSelf(e.Key) && !patches.Are(e.Value.Shape[3])).Select(e => e.Value.Shape[3] - padded).ToHashSet();
        latents.UnionWith(entries.Where(e => !IsSelf(e.Key) && sequences.Contains(e.Value.Shape[2])).Select(e => e.Value.Shape[2]));
        foreach (var (name, weights) in entries)
        {
            var (queries, keys) = (weights.Shape[2], weights.Shape[3]);
            if (latents.Contains(queries)) continue;
            var first = IsSelf(name) && queries == keys ? padded : queries - padded is 0 or 1 && !IsSelf(name) ? 0 : -1;
            if (first < 0) continue;

            // In a sequence of words and patches a class token may stand between.
            if (first > 0 && !patches.Are(keys - first)) first++;
            var count = keys - first;
            foreach (var (view, at, source) in patches.Of(count, name)) maps.Add(Cut(name, view, weights, sample, words, first + at, grid, source));
        }

        return maps;
    }

    private static bool IsSelf(string name) => name.Contains("self", StringComparison.Ordinal);

    private static WordMap Cut(string name, int view, Tensor weights, int sample, int words, int firstPatch, TokenGrid grid, TokenSource? source)
    {
        var (heads, queries, keys) = (weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        var cut = new float[heads * words * grid.Count];
        for (var h = 0; h < heads; h++)
        for (var w = 0; w < words; w++)
        {
            var row = weights.Span.Slice(((sample * heads + h) * queries + w) * keys + firstPatch, source?.Tokens ?? grid.Count);
            var patches = cut.AsSpan((h * words + w) * grid.Count, grid.Count);
            if (source is null) row.CopyTo(patches);
            else source.Row(sample, row, patches);
        }

        return new WordMap(name, view, heads, words, grid, cut);
    }
}
