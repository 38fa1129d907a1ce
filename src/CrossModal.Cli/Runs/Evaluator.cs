using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Runs;

/// <summary>Evaluates a policy closed-loop and says how it went.</summary>
internal static class Evaluator
{
    /// <summary>Runs the episodes and prints a line.</summary>
    /// <param name="context">Where to print, when to stop.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="seed">Seed of the scenes.</param>
    /// <param name="control">What is kept from the policy.</param>
    /// <param name="name">What is evaluated, for the line.</param>
    /// <param name="filmed">Number of episodes whose pictures are kept.</param>
    /// <param name="variation">Whether scenes have one appearance.</param>
    /// <param name="language">Language of the instructions.</param>
    public static EvaluationResult Run(CommandContext context, TrainedPolicy policy, RobotTask task, Split split, int episodes, ulong seed,
        PolicyControl control, string name, int filmed = 0, SceneVariation variation = SceneVariation.Plain,
        InstructionLanguage language = InstructionLanguage.English)
    {
        var options = new EvaluationOptions
        {
            Episodes = episodes,
            Seed = seed,
            KeepFramesOf = [.. Enumerable.Range(0, filmed)],
            Variation = variation,
            Language = language
        };
        var (texts, last) = (new RunTexts(context.Language), 0);
        var result = TabletopEvaluation.Run(policy, task, split, options, context.Ranks, control, (done, successes) =>
        {
            // A sign of life every quarter; the result itself comes in the line after.
            if (!context.Terminal.IsInteractive || 4 * done / episodes == last) return;
            last = 4 * done / episodes;
            if (done < episodes) context.Print(texts.Evaluating(name, done, episodes, successes));
        }, context.Stop);
        context.Print(texts.Evaluated(name, result));
        return result;
    }

    /// <summary>A layer and its camera, when that is not the front one.</summary>
    public static string LayerName(string layer, int view) =>
        view == 0 ? layer : $"{layer} ({((CameraView)view).ToString().ToLowerInvariant()} camera)";

    /// <summary>The result as JSON.</summary>
    public static JsonObject ToJson(string name, EvaluationResult result) => new()
    {
        ["name"] = name,
        ["task"] = result.Task,
        ["split"] = result.Split,
        ["seed"] = result.Seed,
        ["episodes"] = result.Episodes.Count,
        ["successes"] = result.Successes,
        ["success"] = result.Success.Rate,
        ["low"] = result.Success.Lower,
        ["high"] = result.Success.Upper,
        ["chance"] = CommandContext.Number(result.Chance),
        ["pointingAccuracy"] = CommandContext.Number(result.PointingAccuracy.Rate),
        ["meanTargetError"] = CommandContext.Number(result.MeanTargetError),
        ["targetTouchedFirst"] = CommandContext.Number(result.TargetFirst.Rate),
        ["meanFinalDistance"] = CommandContext.Number(result.MeanFinalDistance),
        ["meanStepsToSuccess"] = CommandContext.Number(result.MeanStepsToSuccess),
        ["failures"] = new JsonObject(Enum.GetValues<FailureReason>().Where(r => r != FailureReason.None)
            .Select(r => KeyValuePair.Create(r.ToString(), (JsonNode?)result.Count(r)))),
    };
}
