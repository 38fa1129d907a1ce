using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Attention weights of the words of one sample in one layer: those of every head, as the forward pass used them.</summary>
public sealed class WordMap
{
    private readonly float[] _weights;

    private WordMap(string layer, int view, int heads, int words, TokenGrid grid, float[] weights) =>
        (Layer, View, Heads, Words, Grid, _weights) = (layer, view, heads, words, grid, weights);

    /// <summary>Makes a map of weights that were read or computed elsewhere.</summary>
    /// <param name="layer">What the weights are of.</param>
    /// <param name="grid">Where the patches lie.</param>
    /// <param name="weights">For every word over the patches, <c>[H, Nl, Nv]</c>.</param>
    /// <param name="view">Which camera's patches they are over.</param>
    /// <exception cref="ShapeException">The patches are not those of the grid.</exception>
    public static WordMap Of(string layer, TokenGrid grid, Tensor weights, int view = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights.Shape.Rank == 3 && weights.Shape[2] == grid.Count
            ? new WordMap(layer, view, weights.Shape[0], weights.Shape[1], grid, weights.ToArray())
            : throw new ShapeException("WordMap", $"weights {weights.Shape} are not [H, Nl, {grid.Count}]");
    }

    /// <summary>Name of the attention, as in the checkpoint.</summary>
    public string Layer { get; }

    /// <summary>Which camera's patches these are.</summary>
    public int View { get; }

    /// <summary>How many control steps before the current picture these patches' picture was taken; 0 for the current one.</summary>
    public int Age { get; private init; }

    /// <summary>What the map is called: its layer, and of an earlier picture how long ago it was taken.</summary>
    public string Name => Age == 0 ? Layer : $"{Layer}, {Age} {(Age == 1 ? "step" : "steps")} ago";

    /// <summary>Number of heads H.</summary>
    public int Heads { get; }

    /// <summary>Number of words Nl.</summary>
    public int Words { get; }

    /// <summary>Where the patches lie.</summary>
    public TokenGrid Grid { get; }

    /// <summary>The weights of one head's word over the patches, row by row; they sum to 1, or less when the word also attends to words or
    /// to other cameras' patches.</summary>
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

    /// <summary>How spread the words' attention is (mean over heads): the mean over words of entropy over ln N, from 0 (one patch each) to
    /// 1 (even).</summary>
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

    /// <summary>Reads the maps from words to the patches of the current pictures out of a trace, in the order the layers ran.</summary>
    /// <remarks>Which queries are words and which keys are patches is what the trace states (<see cref="TraceEntry"/>), never what their
    /// numbers suggest: an attention without it has no map. Attention of other kinds (between words, of patches, of latents) is left out.
    /// Where words attend to tokens made of patches, maps are brought back to the patches through their shares
    /// (<see cref="TokenRun.Shares"/>).</remarks>
    /// <param name="trace">The trace of a pass.</param>
    /// <param name="sample">Which sample of the batch.</param>
    /// <param name="words">Number of words of that sample.</param>
    /// <param name="grid">Where the patches lie.</param>
    /// <returns>The maps; those of a layer that attends to all cameras at once follow each other, camera by camera.</returns>
    /// <exception cref="ShapeException">The patches are not those of the grid, or there are fewer words.</exception>
    public static IReadOnlyList<WordMap> Read(AttentionTrace trace, int sample, int words, TokenGrid grid) =>
        Read(trace, sample, words, grid, age: 0);

    /// <summary>Reads the maps from words to the patches of earlier pictures out of a trace, in the order the layers ran.</summary>
    /// <param name="trace">The trace of a pass.</param>
    /// <param name="sample">Which sample of the batch.</param>
    /// <param name="words">Number of words of that sample.</param>
    /// <param name="grid">Where the patches lie.</param>
    /// <param name="age">How many control steps ago the pictures were taken; 0 for the current ones.</param>
    /// <exception cref="ShapeException">The patches are not those of the grid, or there are fewer words.</exception>
    public static IReadOnlyList<WordMap> Read(AttentionTrace trace, int sample, int words, TokenGrid grid, int age)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var maps = new List<WordMap>();
        foreach (var entry in trace.Entries)
        {
            if (FirstWord(entry, words) is not { } firstWord) continue;
            var (heads, firstKey) = (entry.Value.Shape[1], 0);
            foreach (var run in entry.KeyTokens ?? [])
            {
                if (LeadsToPatches(run))
                {
                    var rows = Rows(entry.Value, sample, (firstWord, words), (firstKey, run.Count));
                    foreach (var (patchesOf, patches) in OnPatches(run, rows, sample))
                    {
                        if (patchesOf.Age != age) continue;
                        if (patches.Length != heads * words * grid.Count)
                            throw new ShapeException("WordMap",
                                $"{entry.Key} attends to {patches.Length / Math.Max(1, heads * words)} patches of a camera, not to those of a {grid} grid");
                        maps.Add(new WordMap(entry.Key, patchesOf.View, heads, words, grid, patches) { Age = age });
                    }
                }

                firstKey += run.Count;
            }
        }

        return maps;
    }

    /// <summary>The first query that is a word; null when none is stated to be.</summary>
    private static int? FirstWord(TraceEntry entry, int words)
    {
        var first = 0;
        foreach (var run in entry.QueryTokens ?? [])
        {
            if (run.Kind == TokenKind.Words)
                return run.Count >= words ? first : throw new ShapeException("WordMap",
                    $"{words} words were asked for, {entry.Key} has {run.Count}");
            first += run.Count;
        }

        return null;
    }

    private static bool LeadsToPatches(TokenRun run) =>
        run.Kind == TokenKind.Patches || run is { Kind: TokenKind.Made, Shares: not null } && run.Of.Any(LeadsToPatches);

    /// <summary>Some words' weights over some keys, <c>[H, Nl, keys]</c>.</summary>
    private static float[] Rows(Tensor weights, int sample, (int First, int Count) words, (int First, int Count) keys)
    {
        var (heads, queries, all) = (weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        var rows = new float[heads * words.Count * keys.Count];
        for (var h = 0; h < heads; h++)
            for (var w = 0; w < words.Count; w++)
                weights.Span.Slice(((sample * heads + h) * queries + words.First + w) * all + keys.First, keys.Count)
                    .CopyTo(rows.AsSpan((h * words.Count + w) * keys.Count));
        return rows;
    }

    /// <summary>Weights over tokens as weights over the patches they were made of, camera by camera.</summary>
    private static IEnumerable<(TokenRun Patches, float[] Rows)> OnPatches(TokenRun run, float[] rows, int sample)
    {
        if (run.Kind == TokenKind.Patches) return [(run, rows)];
        if (!LeadsToPatches(run)) return [];
        var source = new TokenSource(run.Shares!);
        var count = rows.Length / run.Count;
        var back = new float[count * source.Originals];
        for (var row = 0; row < count; row++)
            source.Row(sample, rows.AsSpan(row * run.Count, run.Count), back.AsSpan(row * source.Originals, source.Originals));

        var (found, first) = (new List<(TokenRun Patches, float[] Rows)>(), 0);
        foreach (var part in run.Of)
        {
            var columns = new float[count * part.Count];
            for (var row = 0; row < count; row++)
                back.AsSpan(row * source.Originals + first, part.Count).CopyTo(columns.AsSpan(row * part.Count));
            found.AddRange(OnPatches(part, columns, sample));
            first += part.Count;
        }

        return found;
    }
}
