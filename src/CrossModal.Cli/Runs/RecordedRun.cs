using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Fusion;
using CrossModal.Imitation;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Reports;

namespace CrossModal.Cli.Runs;

/// <summary>A run on a person's own recordings: train, measure the action error on held-out episodes, show where the attention of words
/// lies in the real pictures.</summary>
/// <param name="context">Options, output, the sign to stop.</param>
/// <param name="data">Path of the recordings.</param>
/// <param name="strategy">Name of the fusion strategy.</param>
/// <param name="fusion">Its sizes.</param>
/// <param name="steps">Steps of training.</param>
/// <param name="seed">Seed of weights and batches.</param>
/// <param name="folder">The run's folder.</param>
internal sealed class RecordedRun(CommandContext context, string data, string strategy, FusionOptions fusion, int steps, ulong seed,
    string folder)
{
    /// <summary>The smallest side of pictures, in pixels.</summary>
    public const int LeastImageSize = 64;

    /// <summary>The largest side of pictures, in pixels.</summary>
    public const int MostImageSize = 224;

    /// <summary>Steps of training unless others are asked for.</summary>
    public const int DefaultSteps = 600;

    /// <summary>Pretrained encoders; null when all is learned.</summary>
    public PretrainedEncoders? Encoders { get; init; }

    /// <summary>How tokens are made before the strategy.</summary>
    public PerceptionOptions Perception { get; init; } = new();

    /// <summary>Number of shards; 0 for that of the run that goes on, or the recipe's.</summary>
    public int Shards { get; init; }

    /// <summary>Does it all.</summary>
    /// <param name="held">The run's folder.</param>
    /// <param name="options">What of the recordings.</param>
    /// <param name="imageSize">Side of the square that pictures are fitted into, in pixels.</param>
    /// <param name="cache">Folder of caches of pictures.</param>
    public int Run(RunFolder held, DataOptions options, int imageSize, string cache)
    {
        if (Encoders?.OfVision() is { } vision)
        {
            imageSize = vision.ImageSize;
            held.Description.Set("vision encoder", vision.Identity);
        }

        using var read = TrainingData.Read(data, options, imageSize, cache, held.Description, context);
        var recorded = RecordedData.Split(data, read.Episodes, read.Choice.Cameras);
        var source = context.Sized(() => new RecordedLossSource(recorded, strategy, fusion, steps, seed, imageSize, Encoders, Perception));
        held.Description.Set("held-out episodes", string.Join(' ', recorded.HeldOut.Select(e => e.Name)));
        var trained = source.Policy;
        held.Description.Set(trained);
        var texts = new RecordedTexts(context.Language);
        IReadOnlyList<string> unknown = [];
        var summary = new SharedTraining(context, folder) { Shards = Shards }.Run(held, source, new RunTexts(context.Language).Training,
            () =>
            {
                unknown = Unknown(context, trained.Tokenizer, recorded.HeldOut);
                context.Print(texts.Began(strategy, recorded.Training.Count, recorded.Training.Sum(e => e.Steps), recorded.HeldOut.Count,
                    trained.Policy.ParameterCount, steps, seed));
            });
        trained = source.Policy;
        if (context.IsFirst)
        {
            recorded.Rule.Save(folder);
            read.Save(folder);
        }

        var error = Print(context, ActionError.Measure(trained, recorded.HeldOut, ranks: context.Ranks));
        if (!context.IsFirst) return ExitCodes.Success;
        context.Result["strategy"] = strategy;
        context.Result["parameters"] = trained.Policy.ParameterCount;
        context.Result["seed"] = seed;
        context.Result["steps"] = summary.Step;
        context.Result["machine"] = Machine.Line;
        context.Result["configuration"] = PolicyJson.NodeOf(trained.Policy.Options);
        context.Result["trainingEpisodes"] = recorded.Training.Count;
        context.Result["holdOut"] = JsonSerializer.SerializeToNode(recorded.Rule, ImitationJson.Default.HoldOut);
        context.Result["heldOutEpisodes"] = new JsonArray([.. recorded.HeldOut.Select(e => (JsonNode)e.Name)]);
        AtomicFile.Write(Path.Combine(folder, "metrics.json"), stream =>
            ResultFile.Write(stream, "run", ExitCodes.Success, context.Result));
        var report = new RecordedReport(trained, recorded, error, folder, context.Language);
        report.Build(Path.GetFileName(Path.TrimEndingDirectorySeparator(data)), unknown, context.CommandLine, seed)
            .Save(Path.Combine(folder, "report.html"));
        var maps = Path.Combine(folder, RecordedReport.MapsFolder);
        context.Print(Directory.Exists(maps) ? texts.Maps(maps) : texts.NoMaps);
        context.Print(new RunTexts(context.Language).Report(Path.Combine(folder, "report.html")));
        return ExitCodes.Success;
    }

    /// <summary>Measures a trained policy on the held-out episodes of recordings.</summary>
    /// <param name="context">Where to print.</param>
    /// <param name="trained">The policy.</param>
    /// <param name="checkpoint">Its folder, or a file in it: says which episodes its training held out.</param>
    /// <param name="data">Folder of the recordings.</param>
    public static int Evaluate(CommandContext context, TrainedPolicy trained, string checkpoint, string data)
    {
        using var read = TrainingData.ReadFor(data, checkpoint, trained.Policy.Options.ImageSize, context);
        var episodes = read.Episodes;
        var rule = HoldOut.Find(checkpoint);
        if (rule is null)
        {
            context.Warn($"{checkpoint} has no {HoldOut.FileName}: which episodes its training held out is not known, and some that are measured may be those it was trained on");
            rule = RecordedData.Split(data, episodes).Rule;
        }

        var heldOut = episodes.Where(rule.Holds).ToList();
        if (heldOut.Count == 0)
            throw new FileFormatException(data,
            $"none of its {episodes.Count} episodes is held out by the rule of the policy's training ({HoldOut.FileName})");
        Unknown(context, trained.Tokenizer, heldOut);
        Print(context, ActionError.Measure(trained, heldOut, ranks: context.Ranks));
        return ExitCodes.Success;
    }

    /// <summary>What the interval over episodes says of a policy beside the mean action.</summary>
    public static (string Text, Tone Tone) Verdict(ActionError error, RecordedTexts? texts = null)
    {
        texts ??= new RecordedTexts(ToolLanguage.English);
        return error.RatioInterval switch
        {
            null => (texts.NoInterval, Tone.Neutral),
            { Upper: < 1 } => (texts.Better, Tone.Good),
            { Lower: > 1 } => (texts.Worse, Tone.Bad),
            _ => (texts.NotToldApart, Tone.Neutral),
        };
    }

    /// <summary>An interval as text; empty where there is none.</summary>
    public static string Range(ActionError error) =>
        error.RatioInterval is { } r ? string.Create(CultureInfo.InvariantCulture, $"[{r.Lower:0.000}, {r.Upper:0.000}]") : "";

    private static IReadOnlyList<string> Unknown(CommandContext context, WordTokenizer tokenizer, IReadOnlyList<Episode> heldOut)
    {
        var unknown = RecordedData.UnknownWords(tokenizer, heldOut);
        if (unknown.Count > 0) context.Warn(new RecordedTexts(context.Language).UnknownInTraining(Quoted.List(unknown)));
        context.Result["unknownWords"] = new JsonArray([.. unknown.Select(word => (JsonNode)word)]);
        return unknown;
    }

    private static ActionError Print(CommandContext context, ActionError error)
    {
        var texts = new RecordedTexts(context.Language);
        context.Print(texts.Error(error.Steps, error.Episodes.Count, error.Normalized, error.NormalizedMean));
        context.Print(texts.Ratio(error.Ratio, Range(error), error.RatioInterval is null ? "" : texts.OverEpisodes,
            Verdict(error, texts).Text));
        context.Print(texts.ErrorPerDimension(Join(error.Policy)));
        context.Print(texts.MeanPerDimension(Join(error.Mean)));
        context.Result["heldOutSteps"] = error.Steps;
        context.Result["error"] = CommandContext.Number(error.Normalized);
        context.Result["errorOfMean"] = CommandContext.Number(error.NormalizedMean);
        context.Result["ratio"] = CommandContext.Number(error.Ratio);
        context.Result["ratioLow"] = error.RatioInterval is { } low ? CommandContext.Number(low.Lower) : null;
        context.Result["ratioHigh"] = error.RatioInterval is { } high ? CommandContext.Number(high.Upper) : null;
        return error;

        static string Join(IEnumerable<double> values) =>
            string.Join(" ", values.Select(v => v.ToString("0.0000", CultureInfo.InvariantCulture)));
    }
}
