using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Progress;
using CrossModal.Cli.Reports;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Imitation;
using CrossModal.Models;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>A run on a person's own recordings: train, measure the action error on held-out episodes, show where words look in the real pictures.</summary>
internal sealed class RecordedRun(CommandContext context, string data, string strategy, FusionOptions fusion, int steps, ulong seed, string folder)
{
    /// <summary>Steps of training unless others are asked for.</summary>
    public const int DefaultSteps = 600;

    private const int FramesShown = 4;
    private static readonly HeatMapOptions Drawing = new() { Enlarge = 4 };

    /// <summary>Does it all.</summary>
    public int Run()
    {
        var recorded = RecordedData.Split(data, EpisodeFolder.ReadAll(data));
        var trainer = new RecordedTrainer(recorded, strategy, fusion, steps, seed);
        context.Say(string.Create(CultureInfo.InvariantCulture,
            $"Training {strategy} on {recorded.Training.Count} episodes ({recorded.Training.Sum(e => e.Steps)} steps), {recorded.HeldOut.Count} held out: {trainer.Policy.Policy.ParameterCount:N0} parameters, {steps} steps, seed {seed}"));
        var summary = ConsoleProgress.Run(context.Terminal, "training", progress => trainer.Run(folder, progress, context.Stop));
        context.Stop.ThrowIfCancellationRequested();
        var trained = trainer.Policy;
        PolicyFolder.Save(folder, trained);
        var error = Say(context, "held-out", ActionError.Measure(trained, recorded.HeldOut));
        context.Result["strategy"] = strategy;
        context.Result["parameters"] = trained.Policy.ParameterCount;
        context.Result["seed"] = seed;
        context.Result["steps"] = summary.Step;
        context.Result["machine"] = Reports.Machine.Line;
        context.Result["configuration"] = JsonSerializer.SerializeToNode(trained.Policy.Options, JsonSerializerOptions.Web);
        context.Result["trainingEpisodes"] = recorded.Training.Count;
        context.Result["heldOutEpisodes"] = new JsonArray([.. recorded.HeldOut.Select(e => (JsonNode)e.Name)]);
        AtomicFile.Write(Path.Combine(folder, "metrics.json"), stream => ResultFile.Write(stream, "run", ExitCodes.Success, context.Result));
        Report(trained, recorded, error).Save(Path.Combine(folder, "report.html"));
        context.Say($"Heat maps over the held-out frames: {Path.Combine(folder, "heatmaps")}");
        context.Say($"Report: {Path.Combine(folder, "report.html")}");
        return ExitCodes.Success;
    }

    /// <summary>Measures a trained policy on the held-out episodes of recordings.</summary>
    public static int Evaluate(CommandContext context, TrainedPolicy trained, string data)
    {
        Say(context, "held-out", ActionError.Measure(trained, RecordedData.Split(data, EpisodeFolder.ReadAll(data)).HeldOut));
        return ExitCodes.Success;
    }

    private static ActionError Say(CommandContext context, string which, ActionError error)
    {
        context.Say(string.Create(CultureInfo.InvariantCulture,
            $"Action error on {error.Steps} {which} steps: {error.Normalized:0.000} of the variance; always the mean action: {error.NormalizedMean:0.000}; ratio {error.Ratio:0.000} ({(error.Ratio < 1 ? "better" : "not better")} than the mean)"));
        context.Say($"  root mean square error per dimension: {Join(error.Policy)}");
        context.Say($"  of the mean action:                   {Join(error.Mean)}");
        context.Result["heldOutSteps"] = error.Steps;
        context.Result["error"] = CommandContext.Number(error.Normalized);
        context.Result["errorOfMean"] = CommandContext.Number(error.NormalizedMean);
        context.Result["ratio"] = CommandContext.Number(error.Ratio);
        return error;

        static string Join(IEnumerable<double> values) => string.Join(" ", values.Select(v => v.ToString("0.0000", CultureInfo.InvariantCulture)));
    }

    private HtmlReport Report(TrainedPolicy trained, RecordedData recorded, ActionError error)
    {
        var report = new HtmlReport($"{strategy} on {recorded.Training.Count + recorded.HeldOut.Count} recorded episodes", $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(data))}, seed {seed}")
        {
            new KeyFigures(
                new KeyFigure("Held-out action error", error.Normalized.ToString("0.000", CultureInfo.InvariantCulture), $"over the variance; always the mean action: {error.NormalizedMean.ToString("0.000", CultureInfo.InvariantCulture)}", error.Ratio < 1 ? Tone.Good : Tone.Bad),
                new KeyFigure("Error over that of the mean", error.Ratio.ToString("0.000", CultureInfo.InvariantCulture), $"{error.Steps} steps of {recorded.HeldOut.Count} episodes")),
            new Heading("Error of each dimension"),
            new BarChart("root mean square error, unit of the recording",
                [.. error.Policy.SelectMany((p, d) => new[] { new Bar($"{d}: policy", p), new Bar($"{d}: mean action", error.Mean[d], 1) })]) { Groups = ["policy", "mean action"] },
            new Heading("Where words look in held-out frames"),
        };
        foreach (var episode in recorded.HeldOut) AddMaps(report, trained, episode);
        report.Add(new ColorBar(Drawing));
        report.Add(new Heading("Training"));
        var log = LossLog.Read(Path.Combine(folder, TrainingLoop.LogName));
        report.Add(new LineChart("step", "loss", new Series("loss", [.. log["step"].Zip(log["loss"])])) { LogY = true, Smooth = 21 });
        report.Add(new ReportFooter(context.CommandLine, seed));
        return report;
    }

    /// <summary>The maps of the layer that looks most sharply at the first frame, over some frames of an episode: on the page, and as files.</summary>
    private void AddMaps(HtmlReport report, TrainedPolicy trained, Episode episode)
    {
        var trace = new Trace();
        using var pass = Pass.Evaluation(trace);
        trained.Decide(ActionError.Inputs(trained, episode, pass), pass);
        var words = WordTokenizer.Split(episode.Instruction);
        var shown = Enumerable.Range(0, Math.Min(FramesShown, episode.Steps)).Select(i => i * (episode.Steps - 1) / Math.Max(1, Math.Min(FramesShown, episode.Steps) - 1)).ToArray();
        var layers = Array.ConvertAll(shown, t => WordMap.Read(trace, t, words.Count, words.Count, trained.Policy.Grid));
        if (layers[0].Count == 0) return;
        var sharpest = layers[0].Index().MinBy(m => m.Item.Spread()).Index;
        var maps = Array.ConvertAll(layers, l => l[sharpest]);
        var rows = words.Select((word, w) => new HeatMapRow(word, [.. shown.Select((t, i) => Draw(trained, episode, t, maps[i], word, w))])).ToList();
        report.Add(new HeatMapGrid([.. shown.Select(t => $"step {t}")], rows, $"{episode.Name}: “{episode.Instruction}”; {maps[0].Layer}, mean over heads, × uniform."));
    }

    private Reports.Frame Draw(TrainedPolicy trained, Episode episode, int step, WordMap map, string word, int index)
    {
        var photo = episode.Frames[step];
        var weights = map.Mean(index);
        var letterbox = Letterbox.Fit(photo.Width, photo.Height, trained.Policy.Options.ImageSize);
        var picture = HeatMap.Overlay(photo, weights, map.Grid.Rows, map.Grid.Columns, Drawing, letterbox);
        Png.Write(Path.Combine(folder, "heatmaps", episode.Name, $"{step:000}_{index}_{word}.png"), picture);
        return new Reports.Frame(picture, string.Create(CultureInfo.InvariantCulture, $"{TopPatches.Of(weights, 1)[0].Weight * weights.Length:0.0}×"));
    }
}
