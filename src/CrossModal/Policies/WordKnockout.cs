using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;

namespace CrossModal.Policies;

/// <summary>How much the action changes when the edges from words to the object they name are knocked out, and when other edges of the
/// same attention mass are.</summary>
/// <param name="Mass">Attention mass of the object's edges: the sum over words of the mean over layers and heads.</param>
/// <param name="Effect">Change of the normalised action without them, root mean square over its continuous numbers.</param>
/// <param name="RandomMass">Mean mass of the other edges; less than <paramref name="Mass"/> where all others together have
/// less.</param>
/// <param name="RandomEffects">The change without each draw of other edges.</param>
internal sealed record WordKnockout(double Mass, double Effect, double RandomMass, IReadOnlyList<double> RandomEffects)
{
    /// <summary>Measures one decision.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="input">One sample, all of its words real.</param>
    /// <param name="named">The words that name the object.</param>
    /// <param name="coverage">Share of every patch the object covers, camera after camera, <c>[V · N]</c>; of a policy with past frames
    /// then those of the steps before, the step before first: edges to all pictures are knocked out.</param>
    /// <param name="draws">How often other edges are drawn: edges of any word to patches without the object.</param>
    /// <param name="random">Source of the draws.</param>
    /// <returns>The changes; null where words do not attend to patches directly, or none of the words to the object.</returns>
    public static WordKnockout? Measure(TrainedPolicy trained, PolicyInput input, IReadOnlyList<int> named, float[] coverage, int draws,
        RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(input);
        var (grid, words) = (trained.Policy.Grid, input.Words.Shape[1]);
        var (views, pictures) = (trained.Policy.Options.Fusion.Views, coverage.Length / grid.Count);
        var nothing = new EdgeKnockout(grid, words, new bool[pictures * words * grid.Count], views);
        var trace = nothing.Trace();
        var before = Action(trace);
        if (nothing.Layers == 0) return null;
        var maps = new List<WordMap>();
        for (var age = 0; age < pictures / views; age++) maps.AddRange(WordMap.Read(trace, 0, words, grid, age));
        var mass = Masses(maps, words, grid.Count, views, pictures);
        bool Touches(int edge) => coverage[edge / (words * grid.Count) * grid.Count + edge % grid.Count] > 0;
        var own = new bool[mass.Length];
        for (var i = 0; i < own.Length; i++) own[i] = Touches(i) && named.Contains(i / grid.Count % words);
        var wanted = Sum(own);
        if (wanted <= 0) return null;
        var others = Enumerable.Range(0, mass.Length).Where(i => !Touches(i)).ToArray();
        var (effects, reached) = (new double[draws], 0.0);
        for (var draw = 0; draw < draws; draw++)
        {
            random.Shuffle<int>(others);
            var drawn = new bool[mass.Length];
            var sum = 0.0;
            foreach (var edge in others)
            {
                if (sum >= wanted) break;
                drawn[edge] = true;
                sum += mass[edge];
            }

            reached += sum / draws;
            effects[draw] = Change(before, Action(new EdgeKnockout(grid, words, drawn, views).Trace()));
        }

        return new WordKnockout(wanted, Change(before, Action(new EdgeKnockout(grid, words, own, views).Trace())), reached, effects);

        float[] Action(AttentionTrace through)
        {
            using var pass = Pass.Evaluation(through);
            return trained.Policy.Forward(input, pass).Action.ToArray();
        }

        double Sum(bool[] edges) => Enumerable.Range(0, edges.Length).Sum(i => edges[i] ? mass[i] : 0);
    }

    /// <summary>The mean over layers and heads of every edge's weight, picture after picture, <c>[V, Nl, N]</c> each.</summary>
    private static double[] Masses(IReadOnlyList<WordMap> maps, int words, int patches, int views, int pictures)
    {
        var mass = new double[pictures * words * patches];
        var layers = maps.Select(m => m.Layer).Distinct().Count();
        foreach (var map in maps)
            for (var word = 0; word < words; word++)
            {
                var mean = map.Mean(word);
                for (var i = 0; i < patches; i++)
                    mass[((map.Age * views + map.View) * words + word) * patches + i] += mean[i] / (double)layers;
            }

        return mass;
    }

    private static double Change(float[] a, float[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += Math.Pow((double)a[i] - b[i], 2);
        return Math.Sqrt(sum / a.Length);
    }
}
