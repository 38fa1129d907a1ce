using System.Text.Json.Nodes;
using CrossModal.Cli.Runs;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Plans;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Training;

namespace CrossModal.Publish.Questions;

/// <summary>A policy that <c>crossmodal train</c> left in a folder, and what its run says of it.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Row">The row of the main table it belongs to; null for others.</param>
/// <param name="Steps">Steps of training.</param>
/// <param name="Control">What training kept from it.</param>
/// <param name="NewLayouts">Success on S0, 0 to 1.</param>
/// <param name="UnseenPairs">Success on Z1.</param>
/// <param name="Effects">The instruction effect in the course of training: share of the steps, effect, noise.</param>
internal sealed record MeasuredPolicy(string Folder, ComparisonVariant? Row, int Steps, PolicyControl Control, double NewLayouts,
    double UnseenPairs, IReadOnlyList<(double Share, double Effect, double Noise)> Effects)
{
    /// <summary>The policy.</summary>
    public TrainedPolicy Trained => field ??= PolicyFolder.Load(Folder);

    /// <summary>Scenes in which the faithfulness of maps was measured, as <see cref="FaithfulnessStudy"/> keeps them.</summary>
    public IReadOnlyList<JsonObject> Scenes { get; set; } = [];

    /// <summary>NMR@10 over scenes.</summary>
    public double Nuisance { get; set; } = double.NaN;

    /// <summary>The effect at a share of the training: the last measured until then; NaN where none was.</summary>
    public double EffectAt(double share) =>
        Effects.Where(e => e.Share <= share + 1e-9).Select(e => e.Effect).DefaultIfEmpty(double.NaN).Last();

    /// <summary>The scores of a method, scene by scene; empty where it was refused.</summary>
    public IEnumerable<double> Scores(IMapMethod method) => Scenes.Select(s => s["methods"]?[method.Name]?["score"]).OfType<JsonNode>()
        .Select(n => n.GetValue<double>());

    /// <summary>Reads the policies of a folder that are trained on one task, in the order of their names.</summary>
    /// <exception cref="FileFormatException">A run's files are damaged.</exception>
    public static IReadOnlyList<MeasuredPolicy> ReadAll(string folder, string task) =>
        [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Where(f => File.Exists(Path.Combine(f, "metrics.json")))
            .Select(f => Read(f, task)).OfType<MeasuredPolicy>()];

    private static MeasuredPolicy? Read(string folder, string task)
    {
        var path = Path.Combine(folder, "metrics.json");
        try
        {
            var metrics = JsonNode.Parse(File.ReadAllBytes(path))!;
            var recipe = metrics["configuration"]!["recipe"]!;
            if (recipe["tasks"]!.AsArray() is not [{ } only] || only.GetValue<string>() != task) return null;
            var fusion = metrics["configuration"]!["policy"]!["fusion"]!;
            var strategy = metrics["strategy"]!.GetValue<string>();
            var steps = metrics["steps"]!.GetValue<int>();
            return new MeasuredPolicy(folder, RowOf(strategy, fusion), steps, (PolicyControl)recipe["control"]!.GetValue<int>(),
                Success("S0"), Success("Z1"), Log(folder, steps));

            double Success(string split) => metrics["evaluations"]!.AsArray()
                .First(e => e!["split"]!.GetValue<string>() == split)!["success"]!
                .GetValue<double>();
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new FileFormatException(path, $"is not what train writes: {Failure.Reason(error)}", error);
        }
    }

    /// <summary>The row of the main table with these sizes; layers do not matter where nothing has any.</summary>
    private static ComparisonVariant? RowOf(string strategy, JsonNode fusion) => ComparisonVariants.OfTextbook.FirstOrDefault(v =>
        v.Strategy == strategy && v.Views == fusion["views"]!.GetValue<int>()
        && (strategy == "concat-pooled" || v.Layers == fusion["layers"]!.GetValue<int>())
        && (strategy != "perceiver" || v.Latents == fusion["latents"]!.GetValue<int>()));

    private static List<(double Share, double Effect, double Noise)> Log(string folder, int steps)
    {
        var log = LossLog.Read(Path.Combine(folder, TrainingLoop.LogName));
        if (!log.TryGetValue(InstructionEffect.EffectName, out var effect) || !log.TryGetValue(InstructionEffect.NoiseName, out var noise))
            return [];
        return [.. Enumerable.Range(0, effect.Length).Where(i => double.IsFinite(effect[i]))
            .Select(i => (log["step"][i] / steps, effect[i], noise[i]))];
    }
}
