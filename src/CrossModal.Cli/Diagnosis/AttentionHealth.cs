using System.Globalization;
using CrossModal.Explain;

namespace CrossModal.Cli.Diagnosis;

/// <summary>What the attention from words to patches itself says over several scenes: heads that do the same or nothing, maps that do not
/// change, sinks.</summary>
internal static class AttentionHealth
{
    // Two maps that correlate more than this are the same.
    private const double Same = 0.999;

    // Of ln N; more is no choice of patches.
    private const double Even = 0.99;

    // Mean weight of one patch over words and scenes (Gu et al. 2025).
    private const double Sink = 0.3;

    /// <summary>Judges the maps of scenes, each with the maps of all layers.</summary>
    /// <param name="scenes">Maps scene by scene; layers are the same in all.</param>
    public static IEnumerable<Finding> Findings(IReadOnlyList<IReadOnlyList<WordMap>> scenes)
    {
        if (scenes.Count < 2 || scenes[0].Count == 0)
        {
            yield return new Finding("attention", Verdict.Warn, "the strategy has no attention from words to patches: nothing to judge");
            yield break;
        }

        var layers = Enumerable.Range(0, scenes[0].Count).Select(layer => scenes.Select(s => s[layer]).ToList()).ToList();
        var withHeads = layers.Where(l => l[0].Heads > 1).ToList();
        var tied = withHeads.Where(Tied).ToList();
        yield return Judge("heads differ", tied, withHeads, "all heads of a layer have the same maps");
        yield return Judge("maps change with the picture", [.. layers.Where(Frozen)], layers, "maps are the same in every scene");
        var dead = layers.Sum(l => Enumerable.Range(0, l[0].Heads).Count(head => Spread(l, head) > Even));
        var heads = layers.Sum(l => l[0].Heads);
        yield return new Finding("heads choose patches", dead == heads ? Verdict.Fail : dead > 0 ? Verdict.Warn : Verdict.Pass,
            $"{dead} of {heads} heads attend evenly to all patches");
        var (weight, where) = layers.Select(LargestSink).MaxBy(s => s.Weight);
        yield return new Finding("no attention sink", weight > Sink ? Verdict.Warn : Verdict.Pass,
            string.Create(CultureInfo.InvariantCulture,
                $"the patch attended most over all words and scenes has {weight:0.00} of the weight ({where})"));
    }

    private static Finding Judge(string name, List<List<WordMap>> bad, List<List<WordMap>> all, string what) => new(name,
        bad.Count == 0 ? Verdict.Pass : bad.Count == all.Count ? Verdict.Fail : Verdict.Warn,
        bad.Count == 0 ? $"in all {all.Count} layers with words over patches"
            : $"{what} in {bad.Count} of {all.Count} layers ({string.Join(", ", bad.Select(l => l[0].Layer).Distinct())})");

    private static bool Tied(List<WordMap> layer) => Enumerable.Range(1, layer[0].Heads - 1).All(head =>
        layer.Average(map => Enumerable.Range(0, map.Words).Average(word => Correlation(map.Head(0, word), map.Head(head, word)))) > Same);

    private static bool Frozen(List<WordMap> layer) =>
        Enumerable.Range(1, layer.Count - 1).Average(i => Correlation(Whole(layer[0]), Whole(layer[i]))) > Same;

    private static double Spread(List<WordMap> layer, int head) => layer.Average(map => Enumerable.Range(0, map.Words).Average(word =>
    {
        double total = 0, entropy = 0;
        foreach (var x in map.Head(head, word)) total += x;
        foreach (var x in map.Head(head, word))
            if (x > 0) entropy -= x / total * Math.Log(x / total);
        return map.Grid.Count > 1 ? entropy / Math.Log(map.Grid.Count) : 0;
    }));

    private static (double Weight, string Where) LargestSink(List<WordMap> layer)
    {
        var mean = new double[layer[0].Grid.Count];
        foreach (var map in layer)
        {
            var whole = Whole(map);
            for (var i = 0; i < mean.Length; i++) mean[i] += whole[i] / layer.Count;
        }

        var best = Array.IndexOf(mean, mean.Max());
        return (mean[best], $"{layer[0].Layer}, row {best / layer[0].Grid.Columns + 1}, column {best % layer[0].Grid.Columns + 1}");
    }

    /// <summary>The mean map of a scene's words.</summary>
    private static float[] Whole(WordMap map)
    {
        var whole = new float[map.Grid.Count];
        for (var word = 0; word < map.Words; word++)
        {
            var mean = map.Mean(word);
            for (var i = 0; i < whole.Length; i++) whole[i] += mean[i] / map.Words;
        }

        return whole;
    }

    private static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double meanA = 0, meanB = 0, both = 0, first = 0, second = 0;
        for (var i = 0; i < a.Length; i++) (meanA, meanB) = (meanA + a[i] / (double)a.Length, meanB + b[i] / (double)a.Length);
        for (var i = 0; i < a.Length; i++)
        {
            both += (a[i] - meanA) * (b[i] - meanB);
            first += (a[i] - meanA) * (a[i] - meanA);
            second += (b[i] - meanB) * (b[i] - meanB);
        }

        // Two even maps are the same map.
        return first < 1e-16 && second < 1e-16 ? 1 : first < 1e-16 || second < 1e-16 ? 0 : both / Math.Sqrt(first * second);
    }
}
