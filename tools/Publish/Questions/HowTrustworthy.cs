using System.Globalization;
using CrossModal.Cli.Diagnosis;
using CrossModal.Cli.Runs;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Statistics;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Questions;

/// <summary>The figures of docs/trust: which method's maps are faithful, strategy by strategy; whether instruction effect and nuisance
/// share predict success; what doctor says of policies that were damaged on purpose.</summary>
/// <param name="task">The task of the policies.</param>
/// <param name="scenes">Scenes of each measurement.</param>
/// <param name="seed">Seed of the scenes.</param>
/// <param name="cells">Folder where the faithfulness of scenes is kept.</param>
internal sealed class HowTrustworthy(RobotTask task, int scenes, ulong seed, string cells)
{
    /// <summary>The table of the methods that are used for words, strategy by strategy.</summary>
    internal const string DefaultTable = "default";

    private readonly NuisanceStudy _nuisance = new(scenes, seed, cells);

    /// <summary>Measures what is missing and makes the tables.</summary>
    /// <param name="policies">The policies.</param>
    /// <param name="compared">Policies of a comparison, trained on several tasks.</param>
    /// <param name="steps">Steps of those whose maps are measured.</param>
    /// <param name="command">The command, for the page.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <param name="progress">Told what is done.</param>
    public Answer Ask(IReadOnlyList<MeasuredPolicy> policies, IReadOnlyList<ComparedPolicy> compared, int steps, string command,
        CancellationToken stop, Action<string> progress)
    {
        var whole = policies.Where(p => p.Control == PolicyControl.None && p.Row is not null).ToList();
        foreach (var policy in whole)
        {
            stop.ThrowIfCancellationRequested();
            policy.Nuisance = _nuisance.Measure(policy.Folder, policy.Trained, task);
            if (policy.Steps != steps) continue;
            var study = new FaithfulnessStudy(policy.Folder, policy.Trained, new FaithfulnessScenes(task, Split.Z1, seed, "direction"),
                cells);
            study.Run(scenes, stop, done => progress($"{Path.GetFileName(policy.Folder)}: {done} of {scenes} scenes"));
            policy.Scenes = [.. study.Measured.Take(scenes)];
        }

        foreach (var (policy, number) in compared.Select((p, i) => (p, i)))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var name in policy.Cell.Configuration.Recipe.Tasks)
                policy.Nuisance[name] = _nuisance.Measure(policy.Folder, policy.Trained, RobotTasks.Find(name));
            progress($"comparison: NMR@10 of {number + 1} of {compared.Count} policies");
        }

        var judged = whole.Where(p => p.Scenes.Count > 0).ToList();
        return new Answer
        {
            Question = Answer.Trust,
            Command = command,
            Machine = Machine.Line,
            Tables = new()
            {
                ["faithfulness"] = [.. ComparisonVariants.OfTextbook.Select(row =>
                    Faithfulness(row, [.. judged.Where(p => p.Row == row)]))],
                ["most-faithful"] = [.. ComparisonVariants.OfTextbook.Select(row => Best(row, [.. judged.Where(p => p.Row == row)]))],
                [DefaultTable] = [.. judged.GroupBy(p => p.Row!.Strategy).Select(g => Default(g.Key, [.. g])).Where(r => r[1] != "–")],
                ["trust-policies"] = [.. whole.Select(Policy)],
                ["early"] = SuccessPrediction.Early([.. whole.Select(p => ((Func<double, double>)p.EffectAt, p.UnseenPairs))]),
                ["early-all"] = SuccessPrediction.Early([.. compared.Select(p => ((Func<double, double>)p.EffectAt,
                    p.Success(ComparedPolicy.AllTasks, "Z1")))]),
                ["predicted"] = SuccessPrediction.ByTask(compared),
                ["randomised"] = [.. MapMethods.All.Select(method => Randomised(method, judged))],
                ["doctor"] = [.. Damaged(policies, stop)],
            },
            Values = Values(whole, judged, compared),
        };
    }

    private Dictionary<string, string> Values(List<MeasuredPolicy> whole, List<MeasuredPolicy> judged,
        IReadOnlyList<ComparedPolicy> compared)
    {
        var measured = whole.Where(p => p.Effects.Count > 0).ToList();
        double[] newLayouts = [.. measured.Select(p => p.NewLayouts)], unseen = [.. measured.Select(p => p.UnseenPairs)];
        double[] effect = [.. measured.Select(p => p.EffectAt(1))], ratio = [.. measured.Select(p => Math.Log(p.EffectAt(1)
            / p.Effects[^1].Noise))];
        var (ten, hundred) = (MapMethods.Find("masking-10"), MapMethods.Find("masking"));
        double[] differences = [.. judged.SelectMany(p => p.Scores(ten).Zip(p.Scores(hundred), (a, b) => a - b))];
        return new()
        {
            ["trust scenes"] = $"{scenes}",
            ["trust policies"] = $"{whole.Count}",
            ["compared policies"] = $"{compared.Count}",
            ["trust judged"] = $"{judged.Count}",
            ["trust missing"] = string.Join(", ", ComparisonVariants.OfTextbook.Where(row => judged.All(p => p.Row != row))
                .Select(r => r.Name)
                .DefaultIfEmpty("–")),
            ["effect S0"] = Correlation.Pearson(effect, newLayouts),
            ["effect Z1"] = Correlation.Pearson(effect, unseen),
            ["ratio S0"] = Correlation.Pearson(ratio, newLayouts),
            ["ratio Z1"] = Correlation.Pearson(ratio, unseen),
            ["nuisance S0"] = Correlation.Pearson([.. whole.Select(p => p.Nuisance)], [.. whole.Select(p => p.NewLayouts)]),
            ["nuisance Z1"] = Correlation.Pearson([.. whole.Select(p => p.Nuisance)], [.. whole.Select(p => p.UnseenPairs)]),
            ["ten passes"] = differences.Length == 0 ? "–" : Signed(Bootstrap.Mean(differences)),
            ["ten passes scenes"] = $"{differences.Length}",
            ["masking ten"] = Mean(judged.SelectMany(p => p.Scores(ten))),
            ["masking hundred"] = Mean(judged.SelectMany(p => p.Scores(hundred))),
        };
    }

    /// <summary>The mean score of each method, the largest in bold; a dash where it has no meaning, or nothing was measured.</summary>
    private static string[] Faithfulness(ComparisonVariant row, List<MeasuredPolicy> policies)
    {
        var means = MapMethods.All.Select(m => policies.SelectMany(p => p.Scores(m)).DefaultIfEmpty(double.NaN).Average()).ToArray();
        var best = means.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
        return [Key(row), .. means.Select(m => !double.IsFinite(m) ? "–" : m == best ? $"**{Signed(m)}**" : Signed(m)),
            Range(policies, "random"), Range(policies, "centred"), $"{policies.Sum(p => p.Scenes.Count)}"];
    }

    /// <summary>The upper end of the middle 95 % of the scores of baseline maps, mean over scenes.</summary>
    private static string Range(List<MeasuredPolicy> policies, string baseline)
    {
        double[] ends = [.. policies.SelectMany(p => p.Scenes).Select(s => s[baseline]?[1]).OfType<System.Text.Json.Nodes.JsonNode>()
            .Select(n => n.GetValue<double>())];
        return ends.Length == 0 ? "–" : Signed(ends.Average());
    }

    /// <summary>The methods with the highest mean score: of those with a map of each word, and of all.</summary>
    private static string[] Best(ComparisonVariant row, List<MeasuredPolicy> policies)
    {
        return [Key(row), .. Of(m => m.OfWords), .. Of(_ => true)];

        string[] Of(Func<IMapMethod, bool> among) => MapMethods.All.Where(m => among(m) && policies.Any(p => p.Scores(m).Any()))
            .MaxBy(m => policies.SelectMany(p => p.Scores(m)).Average()) is { } best
            ? [$"`{best.Name}`", Signed(Bootstrap.Mean([.. policies.SelectMany(p => p.Scores(best))]))] : ["–", "–"];
    }

    /// <summary>The method of a strategy's words: the one with the highest score among those above raw attention scene by scene, or
    /// that.</summary>
    private static string[] Default(string strategy, List<MeasuredPolicy> policies)
    {
        var raw = MapMethods.Find("raw");
        if (!policies.Any(p => p.Scores(raw).Any())) return [strategy, "–", "–"];
        var above = MapMethods.All.Where(m => m.OfWords && m != raw).Select(m => (Method: m, Difference: AboveRaw(policies, m.Name)))
            .Where(m => m.Difference is { Lower: > 0 }).ToList();
        return above.Count == 0 ? [strategy, "`raw`", "–"]
            : above.MaxBy(m => m.Difference!.Value.Value) is var best ? [strategy, $"`{best.Method.Name}`", Signed(best.Difference!.Value)]
                : [];
    }

    private static ConfidenceInterval? AboveRaw(List<MeasuredPolicy> policies, string method)
    {
        double? Score(System.Text.Json.Nodes.JsonObject scene, string name) => scene["methods"]?[name]?["score"]?.GetValue<double>();
        double[] differences = [.. policies.SelectMany(p => p.Scenes).Select(s => Score(s, method) - Score(s, "raw")).OfType<double>()];
        return differences.Length < 2 ? null : Bootstrap.Mean(differences);
    }

    private static string Key(ComparisonVariant row) => AnswerNames.Row + row.Name;

    private static string[] Policy(MeasuredPolicy p) =>
    [
        Key(p.Row!), p.Steps.ToString("N0", CultureInfo.InvariantCulture), Interval.Percent(p.NewLayouts), Interval.Percent(p.UnseenPairs),
        p.Effects.Count == 0 ? "–" : HtmlWriter.Fixed(p.EffectAt(1), 3),
            p.Effects.Count == 0 ? "–" : HtmlWriter.Fixed(p.Effects[^1].Noise, 4),
        Interval.Percent(p.Nuisance),
    ];

    /// <summary>How alike maps stay after all weights were put into another order.</summary>
    private static string[] Randomised(IMapMethod method, List<MeasuredPolicy> judged)
    {
        var last = judged.SelectMany(p => p.Scenes)
            .Select(s => s["methods"]?[method.Name]?["randomized"] as System.Text.Json.Nodes.JsonArray)
            .OfType<System.Text.Json.Nodes.JsonArray>().Select(stages => stages[^1]!).ToList();
        string Of(string name) => Mean(last.Select(s => s[name]).OfType<System.Text.Json.Nodes.JsonNode>()
            .Select(n => n.GetValue<double>()));
        return [$"`{method.Name}`", Of("correlation"), Of("similarity"), $"{last.Count}"];
    }

    /// <summary>What doctor says of a grounded policy, and of five that were damaged.</summary>
    private IEnumerable<string[]> Damaged(IReadOnlyList<MeasuredPolicy> policies, CancellationToken stop)
    {
        var grounded = policies.FirstOrDefault(p => p is { Row.Name: ComparisonVariants.Base, Control: PolicyControl.None });
        if (grounded is null) yield break;
        yield return Examined("grounded", grounded.Trained, stop);
        foreach (var (name, control) in new[] { ("no-words", PolicyControl.NoLanguage),
            ("shuffled-words", PolicyControl.ShuffledInstruction), ("constant-picture", PolicyControl.NoVision) })
            if (policies.FirstOrDefault(p => p.Control == control) is { } damaged) yield return Examined(name, damaged.Trained, stop);
            else yield return [name, "–", "–", "–"];
        yield return Examined("tied-heads", TiedHeads.Of(grounded.Trained), stop);
        yield return policies.FirstOrDefault(p => p.Trained.Policy.Options.Strategy == "padded") is { } padded
            ? Examined("padded", padded.Trained, stop) : ["padded", "–", "–", "–"];
    }

    private string[] Examined(string name, TrainedPolicy trained, CancellationToken stop)
    {
        var found = Examination.Of(trained, TabletopCases.Draw(trained, task, Split.S0, scenes, seed),
            WordGrounding.Measure(trained, task, Split.S0, scenes, seed), seed, default, stop);
        string[] failed = [.. found.Results.Where(f => f.Verdict == Verdict.Fail).Select(f => $"`{f.Key}`")];
        return [name, found.Failed == 0 ? "0" : "1", failed.Length == 0 ? "–" : string.Join(" + ", failed),
            $"{found.Results.Count(f => f.Verdict == Verdict.Warn)}"];
    }

    private static string Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average() is var mean
        && double.IsFinite(mean) ? HtmlWriter.Fixed(mean, 2) : "–";

    private static string Signed(double value) => value.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);

    private static string Signed(ConfidenceInterval interval) =>
        $"{Signed(interval.Value)} [{Signed(interval.Lower)}, {Signed(interval.Upper)}]";
}
