using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Statistics;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal faithfulness</c>: measures on the tabletop which method's maps a policy's decisions depend on.</summary>
internal sealed class FaithfulnessCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "faithfulness";

    /// <summary>The table written beside the cells.</summary>
    public const string TableName = "faithfulness.md";

    private const string Tabletop = "tabletop/";

    private readonly Option<string[]> _checkpoints;
    private readonly Option<string[]> _tasks;
    private readonly Option<string[]> _splits;
    private readonly Option<int> _scenes;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _target;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public FaithfulnessCommand()
        : base(Word, "Measure which method of explanation is faithful: deletion and insertion on the tabletop, against random and " +
            "centred maps",
            "crossmodal faithfulness --checkpoint runs/demo --scenes 50 --out runs/faithfulness")
    {
        _checkpoints = AddTexts("--checkpoint", "Folders of trained policies", "folder", required: true);
        AddWith();
        _tasks = Among(AddTexts("--task", "Tasks on the tabletop; the first it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _splits = Among(AddTexts("--split", "Splits; Z1 unless given", "split"), () => TabletopNames.OfSplits, anyCase: true);
        _scenes = AddWhole("--scenes", "Scenes of each policy, task and split", 50, least: 2, most: 100_000);
        _seed = AddSeed();
        _target = AddText("--target",
            "What of the action is explained: direction, gripper, or the name of a number of it with + or - before it", "part",
            byDefault: "direction");
        _out = AddText("--out", $"Folder for what was measured, which is not measured again, and {TableName}", "folder",
            byDefault: "runs/faithfulness");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;
        OutputPath.CheckFolder(folder);
        var studies = context.Get(_checkpoints)!.SelectMany(checkpoint => Studies(context, checkpoint, folder)).ToList();
        List<string> table = [];
        var results = new JsonArray();
        foreach (var (study, where) in studies)
        {
            study.Run(context.Get(_scenes), context.Stop, done =>
                context.Terminal.Error.WriteLine($"{study.Strategy}, {where}: {done} of {context.Get(_scenes)} scenes"));
            table.AddRange(Table(study, where, context.Get(_scenes), results));
        }

        foreach (var line in table) context.Print(line);
        AtomicFile.Write(Path.Combine(folder, TableName), stream =>
            stream.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', table) + "\n")));
        context.Result["faithfulness"] = results;
        return ExitCodes.Success;
    }

    private IEnumerable<(FaithfulnessStudy Study, string Where)> Studies(CommandContext context, string checkpoint, string folder)
    {
        var trained = PolicyFolder.Load(checkpoint);
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException($"{checkpoint}: was trained on {trained.Source}, not on the tabletop, whose scenes are measured");
        trained.Signature.Target(context.Get(_target)!, trained.Policy.Options.Actions);
        string[] given = context.Get(_tasks) is { Length: > 0 } named ? named : [trained.Source[Tabletop.Length..].Split('+')[0]];
        foreach (var task in TabletopNames.Tasks(given))
            foreach (var split in context.Get(_splits) is { Length: > 0 } splits ? TabletopNames.Splits(splits) : [Split.Z1])
                yield return (new FaithfulnessStudy(checkpoint, trained,
                    new FaithfulnessScenes(task, split, context.Get(_seed), context.Get(_target)!), folder), $"{task.Name} {split.Name}");
    }

    /// <summary>The most faithful method first.</summary>
    private static List<string> Table(FaithfulnessStudy study, string where, int count, JsonArray results)
    {
        var scenes = study.Measured.Take(count).ToList();
        var judged = scenes.Where(s => s["random"] is JsonArray).ToList();
        List<string> lines =
        [
            string.Create(CultureInfo.InvariantCulture, $"{study.Strategy}, {where}: {scenes.Count} scenes"), "",
            "| method | score [95 %] | deletion | insertion | faithful | lift | randomised |", "|---|---|---|---|---|---|---|",
        ];
        var rows = new List<(double Score, string Line)>();
        foreach (var method in MapMethods.All)
        {
            var found = scenes.Select(s => s["methods"]?[method.Name] as JsonObject).OfType<JsonObject>().Where(m => m["score"] is not null)
                .ToList();
            if (found.Count == 0)
            {
                rows.Add((double.NegativeInfinity, $"| {method.Name} | refused or below the noise | | | | | |"));
                continue;
            }

            double[] Of(string name) => [.. found.Select(m => m[name]).OfType<JsonNode>().Select(n => n.GetValue<double>())];
            var (score, faithful, lifts) = (Bootstrap.Mean(Of("score")),
                found.Count(m => m["verdict"]!.GetValue<string>() == nameof(FaithfulnessVerdict.Faithful)), Of("lift"));
            rows.Add((score.Value, string.Create(CultureInfo.InvariantCulture,
                $"| {method.Name} | {score.Value:+0.000;-0.000} [{score.Lower:+0.000;-0.000}, {score.Upper:+0.000;-0.000}] | {Of("deletion").Average():0.000} | {Of("insertion").Average():0.000} | {100.0 * faithful / found.Count:0} % | {(lifts.Length == 0 ? "" : $"{lifts.Average():0.0}×")} | {Randomized(found)} |")));
            results.Add((JsonNode)new JsonObject
            {
                ["strategy"] = study.Strategy,
                ["where"] = where,
                ["method"] = method.Name,
                ["scenes"] = found.Count,
                ["score"] = score.Value,
                ["lower"] = score.Lower,
                ["upper"] = score.Upper,
                ["faithful"] = (double)faithful / found.Count,
            });
        }

        lines.AddRange(rows.OrderByDescending(r => r.Score).Select(r => r.Line));
        foreach (var baseline in new[] { "random", "centred" })
        {
            double End(int end) => judged.Count == 0 ? double.NaN : judged.Average(s => s[baseline]![end]!.GetValue<double>());
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| *{baseline} maps, 95 % of them* | {End(0):+0.000;-0.000} to {End(1):+0.000;-0.000} | | | | | |"));
        }

        lines.Add("");
        return lines;
    }

    /// <summary>The mean |Spearman| of the map and the original one after all parts lost what they learned.</summary>
    private static string Randomized(IEnumerable<JsonObject> found)
    {
        var stages = found.Select(m => m["randomized"] as JsonArray).OfType<JsonArray>().ToList();
        var last = stages.Select(s => s[^1]!["correlation"]).OfType<JsonNode>().Select(c => c.GetValue<double>()).DefaultIfEmpty(double.NaN)
            .Average();
        return stages.Count == 0 ? "" : last.ToString("0.00", CultureInfo.InvariantCulture);
    }
}
