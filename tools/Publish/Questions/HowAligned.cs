using CrossModal.Engine.Tensors;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Questions;

/// <summary>The third question: how to evaluate alignment. Retrieval, kernel alignment and lift of several policies beside what they are to
/// foretell: success.</summary>
/// <param name="task">What is asked.</param>
/// <param name="episodes">Episodes of each policy.</param>
/// <param name="seed">Seed of the scenes.</param>
internal sealed class HowAligned(RobotTask task, int episodes, ulong seed)
{
    private const int Rounds = 10;
    private const int Scenes = 16;

    /// <summary>Measures every policy, and every architecture among them before any training.</summary>
    public Answer Ask(IReadOnlyList<(string Name, TrainedPolicy Policy)> policies, string command, string machine, CancellationToken stop)
    {
        var all = policies.Concat(policies.DistinctBy(p => p.Policy.Policy.Options).Select(p => (AnswerNames.Untrained + p.Name,
            p.Policy with { Policy = new LanguagePolicy(p.Policy.Policy.Options, new RandomSource(seed)) }))).ToList();
        var measured = all.ConvertAll(p => Measure(p.Item1, p.Item2, stop));
        return new Answer
        {
            Question = 3,
            Command = command,
            Machine = machine,
            Tables = new()
            {
                ["alignment"] = measured.ConvertAll(m => (string[])
                [
                    m.Name, m.Success.ToString(), Interval.Percent(m.Before.Recall), HtmlWriter.Fixed(m.Before.Kernel, 3),
                        HtmlWriter.Fixed(m.Before.Gap, 2),
                    Interval.Percent(m.After.Recall), HtmlWriter.Fixed(m.After.Kernel, 3),
                        double.IsNaN(m.Lift) ? "–" : HtmlWriter.Fixed(m.Lift, 1) + "×",
                ]),
                ["alignment-rank"] =
                [
                    ["retrieval-before", Rank(measured, m => m.Before.Recall)],
                        ["cka-before", Rank(measured, m => m.Before.Kernel)],
                    ["retrieval-after", Rank(measured, m => m.After.Recall)],
                        ["cka-after", Rank(measured, m => m.After.Kernel)],
                    ["best-lift", Rank(measured.FindAll(m => !double.IsNaN(m.Lift)), m => m.Lift)],
                ],
            },
            Values = new()
            {
                ["alignment chance"] = Interval.Percent(measured[0].Before.Chance),
                ["alignment scenes"] = $"{Rounds * Scenes}",
                ["alignment episodes"] = $"{episodes}",
                ["alignment policies"] = $"{measured.Count}",
                ["alignment task"] = task.Name,
            },
        };
    }

    /// <summary>Spearman's rank correlation; NaN when a side does not vary. Ties have the mean of their ranks.</summary>
    internal static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var (a, b) = (Ranks(x), Ranks(y));
        var (meanA, meanB) = (a.Average(), b.Average());
        double ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
            (ab, aa, bb) = (ab + (a[i] - meanA) * (b[i] - meanB), aa + (a[i] - meanA) * (a[i] - meanA),
                bb + (b[i] - meanB) * (b[i] - meanB));
        return ab / Math.Sqrt(aa * bb);
    }

    private static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(v => values.Count(o => o < v) + (values.Count(o => o == v) - 1) / 2.0)];

    private static string Rank(IReadOnlyList<Measured> measured, Func<Measured, double> measure)
    {
        if (measured.Count < 3) return "–";
        var correlation = Spearman([.. measured.Select(measure)], [.. measured.Select(m => m.Success.Rate)]);
        return double.IsNaN(correlation) ? "–" : HtmlWriter.Fixed(correlation, 2);
    }

    private Measured Measure(string name, TrainedPolicy policy, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var (before, after) = ModalityAlignment.Measure(policy, task, Split.S0, Rounds, Scenes, seed);
        var lifts = WordGrounding.Measure(policy, task, Split.S0, Rounds * Scenes, seed)
            .Where(g => g.Kind is Tabletop.Language.WordKind.Color or Tabletop.Language.WordKind.Shape).GroupBy(g => g.Layer)
            .Select(layer => layer.Average(g => g.Lift)).ToList();
        var success = TabletopEvaluation.Run(policy, task, Split.S0, new EvaluationOptions { Episodes = episodes, Seed = seed },
            cancellation: stop).Success;
        return new Measured(name, success, before, after, lifts.Count == 0 ? double.NaN : lifts.Max());
    }

    private sealed record Measured(string Name, WilsonInterval Success, ModalityAlignment Before, ModalityAlignment After, double Lift);
}
