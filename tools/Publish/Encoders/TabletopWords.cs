using System.Text.Json;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Progress;
using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Encoders;

/// <summary>Trains policies on all tasks of the tabletop, alike but for their words, and runs them where words or pairs are new.</summary>
/// <param name="context">Output, and the sign to stop.</param>
/// <param name="folder">Where policies and cells are kept: what lies there is not computed again.</param>
/// <param name="steps">Steps of training.</param>
/// <param name="episodes">Episodes of each task and split.</param>
internal sealed class TabletopWords(CommandContext context, string folder, int steps, int episodes)
{
    private static readonly Split[] Splits = [Split.S0, Split.Z1, Split.Z2b];

    /// <summary>The cells of one policy.</summary>
    /// <param name="words">Name of its words.</param>
    /// <param name="seed">Seed of its training.</param>
    /// <param name="encoders">Its encoders; null for learned words.</param>
    public IReadOnlyList<TabletopCell> Measure(string words, ulong seed, PretrainedEncoders? encoders)
    {
        var (run, file) = (Path.Combine(folder, $"tabletop-{words}-{seed}"), Path.Combine(folder, $"tabletop-{words}-{seed}.json"));
        if (File.Exists(file)) return JsonSerializer.Deserialize(JsonFile.Read(file), EncoderJson.Default.ListTabletopCell)!;
        var trained = PolicyFolder.Holds(Path.Combine(run, "policy.json")) ? PolicyFolder.Load(run) : Train(run, words, seed, encoders);
        List<TabletopCell> cells = [.. from split in Splits from task in RobotTasks.All select Run(trained, words, seed, split, task)];
        AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, cells, EncoderJson.Default.ListTabletopCell));
        return cells;
    }

    private TrainedPolicy Train(string run, string words, ulong seed, PretrainedEncoders? encoders)
    {
        var recipe = new TabletopRecipe { Tasks = [.. RobotTasks.All.Select(task => task.Name)], Steps = steps, Seed = seed };
        var options = TabletopLossSource.Describe("cross-attention", new FusionOptions(64, Heads: 4, Layers: 4), recipe);
        var trainer = new PolicyTrainer(new TabletopLossSource(options, recipe, encoders));
        ConsoleProgress.Run(context.Terminal, $"{words} {seed}", progress => trainer.Run(run, progress, context.Stop), context.Language);
        context.Stop.ThrowIfCancellationRequested();
        PolicyFolder.Save(run, trainer.Policy);
        return trainer.Policy;
    }

    private TabletopCell Run(TrainedPolicy trained, string words, ulong seed, Split split, RobotTask task)
    {
        var result = TabletopEvaluation.Run(trained, task, split, new EvaluationOptions { Episodes = episodes, Seed = seed + 1 },
            cancellation: context.Stop);
        context.Print($"{words} {seed}: {task.Name} {split.Name} {result.Successes} of {result.Episodes.Count}");
        return new TabletopCell(words, seed, task.Name, split.Name, result.Episodes.Count, result.Successes, result.Chance);
    }
}
