using CrossModal.Cli.Texts;
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
    /// <param name="texts">The texts.</param>
    public static IEnumerable<CheckResult> Results(IReadOnlyList<IReadOnlyList<WordMap>> scenes, AttentionTexts texts)
    {
        if (scenes.Count < 2 || scenes[0].Count == 0)
        {
            yield return new CheckResult(Checks.HeadsDiffer, texts.Attention, Verdict.Warn, texts.NoMaps);
            yield break;
        }

        var layers = Enumerable.Range(0, scenes[0].Count).Select(layer => scenes.Select(s => s[layer]).ToList()).ToList();
        yield return Heads([.. layers.Where(l => l[0].Heads > 1)], texts);
        yield return Judge(Checks.Frozen, texts.MapsChange, [.. layers.Where(Frozen)], layers, texts.Frozen, texts);
        var dead = layers.Sum(l => Enumerable.Range(0, l[0].Heads).Count(head => Spread(l, head) > Even));
        var heads = layers.Sum(l => l[0].Heads);
        yield return new CheckResult(Checks.DeadHeads, texts.HeadsChoose,
            dead == heads ? Verdict.Fail : dead > 0 ? Verdict.Warn : Verdict.Pass,
            texts.Even(dead, heads));
        var (weight, layer, patch) = layers.Select(LargestSink).MaxBy(s => s.Weight);
        var columns = layers[0][0].Grid.Columns;
        yield return new CheckResult(Checks.Sink, texts.NoSink, weight > Sink ? Verdict.Warn : Verdict.Pass,
            texts.Sink(weight, layer, patch / columns + 1, patch % columns + 1));
    }

    /// <summary>Whether heads of a layer have the same maps: all of them in a layer, or some pairs.</summary>
    private static CheckResult Heads(List<List<WordMap>> layers, AttentionTexts texts)
    {
        var tied = layers.Where(Tied).ToList();
        if (tied.Count > 0) return Judge(Checks.HeadsDiffer, texts.HeadsDiffer, tied, layers, texts.Tied, texts);
        var pairs = layers.Sum(l => l[0].Heads * (l[0].Heads - 1) / 2);
        var same = layers.Sum(layer => Enumerable.Range(0, layer[0].Heads).Sum(a => Enumerable.Range(a + 1, layer[0].Heads - a - 1)
            .Count(b => Alike(layer, a, b) > Same)));
        return same == 0 ? Judge(Checks.HeadsDiffer, texts.HeadsDiffer, tied, layers, texts.Tied, texts)
            : new CheckResult(Checks.HeadsDiffer, texts.HeadsDiffer, Verdict.Warn, texts.Duplicates(same, pairs));
    }

    private static CheckResult Judge(string key, string name, List<List<WordMap>> bad, List<List<WordMap>> all, string what,
        AttentionTexts texts) => new(key, name,
        bad.Count == 0 ? Verdict.Pass : bad.Count == all.Count ? Verdict.Fail : Verdict.Warn,
        bad.Count == 0 ? texts.InAll(all.Count) : texts.InSome(what, bad.Count, all.Count, bad.Select(l => l[0].Layer).Distinct()));

    private static bool Tied(List<WordMap> layer) => Enumerable.Range(1, layer[0].Heads - 1).All(head => Alike(layer, 0, head) > Same);

    private static double Alike(List<WordMap> layer, int first, int second) =>
        layer.Average(map => Enumerable.Range(0, map.Words).Average(word => Correlation(map.Head(first, word), map.Head(second, word))));

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

    private static (double Weight, string Layer, int Patch) LargestSink(List<WordMap> layer)
    {
        var mean = new double[layer[0].Grid.Count];
        foreach (var map in layer)
        {
            var whole = Whole(map);
            for (var i = 0; i < mean.Length; i++) mean[i] += whole[i] / layer.Count;
        }

        var best = Array.IndexOf(mean, mean.Max());
        return (mean[best], layer[0].Layer, best);
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
