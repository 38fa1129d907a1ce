using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Pretraining;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Pretraining;
using CrossModal.Tabletop.Splits;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>A run of pre-training, in the order it happens: train, measure on scenes never seen, write everything into a folder.</summary>
internal sealed class PretrainingRun(CommandContext context, string strategy, FusionOptions fusion, PretrainingRecipe recipe, string folder)
{
    /// <summary>Number of shards; 0 for that of the run that goes on, or the recipe's.</summary>
    public int Shards { get; init; }

    /// <summary>Runs.</summary>
    /// <param name="held">The run's folder.</param>
    /// <param name="scenes">Scenes of each split to measure on.</param>
    public int Run(RunFolder held, int scenes)
    {
        var source = context.Sized(() => new CaptionLossSource(strategy, fusion, recipe));
        held.Description.Set(source.Policy);
        var texts = new RunTexts(context.Language);
        var training = new SharedTraining(context, folder) { Shards = Shards }.Run(held, source, texts.PreTraining, () =>
            context.Print(texts.BeganPretraining(strategy, source.Pretrained.ParameterCount, recipe.Steps, recipe.Scenes,
                recipe.Objectives, recipe.Seed)));
        if (!context.IsFirst) return ExitCodes.Success;
        CaptionAlignment[] measured = [.. new[] { Split.S0, Split.Z1 }.Select(split => Measure(source.Pretrained, split, scenes))];
        Save(source.Pretrained, training, measured);
        var spoken = recipe.Language == InstructionLanguage.English ? ""
            : $" {InstructionOption.Name} {InstructionOption.NameOf(recipe.Language)}";
        context.Print(texts.Next($"crossmodal train --init {folder} --strategy {strategy}{spoken}"));
        return ExitCodes.Success;
    }

    private CaptionAlignment Measure(PretrainingModel model, Split split, int scenes)
    {
        var m = CaptionAlignment.Measure(model, split, scenes, recipe.Seed + 1, language: recipe.Language);
        var texts = new PretrainingTexts(context.Language);
        context.Print(texts.Scenes(split.Name, split.Description, m.Scenes));
        context.Print(texts.CaptionsToScenes(Recalls(texts, m.TextToImage)));
        context.Print(texts.ScenesToCaptions(Recalls(texts, m.ImageToText)));
        context.Print(texts.Geometry(m.Geometry.Margin, m.Geometry.ModalityGap, m.Geometry.Alignment, m.Geometry.TextUniformity,
            m.Geometry.ImageUniformity, m.Cka));
        context.Print(texts.Matching(m.Matching.Rate, m.Matching.Lower, m.Matching.Upper));
        return m;
    }

    private void Save(PretrainingModel model, TrainingSummary training, CaptionAlignment[] measured)
    {
        var metrics = context.Result;
        TrainingRecord.Write(metrics, strategy, model.ParameterCount, recipe.Seed, training,
            model.Policy.Options, PretrainingJson.NodeOf(recipe));
        metrics["alignment"] = new JsonArray([.. measured.Select(m => (JsonNode)ToJson(m))]);
        AtomicFile.Write(Path.Combine(folder, "metrics.json"), stream =>
            ResultFile.Write(stream, "pretraining", ExitCodes.Success, metrics));
    }

    private static JsonObject ToJson(CaptionAlignment m) => new()
    {
        ["split"] = m.Split,
        ["scenes"] = m.Scenes,
        ["textToImage"] = ToJson(m.TextToImage),
        ["imageToText"] = ToJson(m.ImageToText),
        ["margin"] = CommandContext.Number(m.Geometry.Margin),
        ["modalityGap"] = CommandContext.Number(m.Geometry.ModalityGap),
        ["alignment"] = CommandContext.Number(m.Geometry.Alignment),
        ["textUniformity"] = CommandContext.Number(m.Geometry.TextUniformity),
        ["imageUniformity"] = CommandContext.Number(m.Geometry.ImageUniformity),
        ["cka"] = CommandContext.Number(m.Cka),
        ["matching"] = m.Matching.Rate,
        ["matchingLow"] = m.Matching.Lower,
        ["matchingHigh"] = m.Matching.Upper,
    };

    private static JsonArray ToJson(IReadOnlyList<Retrieval> recalls) =>
        [.. recalls.Select(r => (JsonNode)new JsonObject { ["k"] = r.K, ["recall"] = r.Recall, ["chance"] = r.Chance })];

    private static string Recalls(PretrainingTexts texts, IReadOnlyList<Retrieval> recalls) =>
        string.Join("   ", recalls.Select(r => texts.Recall(r.K, r.Recall, r.Chance)));
}
