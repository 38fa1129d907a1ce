using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Fusion;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal pretrain</c>: trains vision encoder, text encoder and fusion on captions and scenes, before a policy learns to
/// act.</summary>
internal sealed class PretrainCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "pretrain";

    private static readonly (string Name, PretrainingObjectives Objective)[] Objectives =
    [
        ("contrastive", PretrainingObjectives.Contrastive), ("matching", PretrainingObjectives.Matching),
        ("words", PretrainingObjectives.Words), ("patches", PretrainingObjectives.Patches), ("all", PretrainingObjectives.All),
    ];

    private readonly Option<string?> _strategy;
    private readonly PolicySizeOptions _sizes;
    private readonly Option<string[]> _objectives;
    private readonly Option<int> _queue;
    private readonly Option<double> _momentum;
    private readonly Option<int> _steps;
    private readonly Option<int> _batch;
    private readonly Option<int> _shards;
    private readonly Option<int> _scenes;
    private readonly Option<string?> _instructions;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _out;
    private readonly Option<bool> _restart;

    /// <summary>Makes the command.</summary>
    public PretrainCommand()
        : base(Word, "Pre-train vision encoder, text encoder and fusion on captions and scenes of the tabletop; a run that was stopped " +
            "goes on where it was",
            "crossmodal pretrain --strategy cross-attention --out runs/pretrain",
            "crossmodal pretrain --objective contrastive --queue 1024 --out runs/contrastive",
            "crossmodal train --init runs/pretrain --out runs/policy")
    {
        var recipe = new PretrainingRecipe();
        _strategy = Among(AddText("--strategy", "Fusion strategy, one of those that crossmodal train --help lists", "name",
            byDefault: "cross-attention"), () => FusionStrategies.Names);
        AddWith();
        _sizes = AddPolicySizes();
        _objectives = Among(AddTexts("--objective", $"Objectives: {string.Join(", ", Objectives.Select(o => o.Name))}; all unless given",
            "what"), () => [.. Objectives.Select(o => o.Name)], anyCase: true);
        _queue = AddWhole("--queue", "Embeddings of earlier batches that each batch is contrasted with, a multiple of --batch; 0 for none",
            recipe.Queue, most: 1 << 20);
        _momentum = AddNumber("--momentum", "Decay of the averaged weights, which fill the queue and are kept in the end", recipe.Momentum,
            least: 0, most: 0.999999);
        _steps = AddWhole("--steps", "Steps of training", recipe.Steps, least: 1);
        _batch = AddWhole("--batch", "Scenes in a batch, one caption each", recipe.Scenes, least: 2, most: 4096);
        _shards = AddShards("1");
        _scenes = AddWhole("--scenes", "Scenes of each split to measure on, a multiple of 25", 500, least: 25);
        _instructions = AddInstructions(
            "Language of the captions: en, zh (simplified Chinese) or both; that of the instructions to train with afterwards", "en");
        _seed = AddSeed(0);
        _out = AddText("--out", "Folder for checkpoints, policy and metrics", "folder", byDefault: "runs/pretrain");
        _restart = AddRestart();
    }

    /// <inheritdoc/>
    protected override bool RunsOnRanks => true;

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;
        using var held = context.Take(folder, Describe(context, _instructions, _scenes, _out, _restart, _shards), context.Get(_restart));
        if (context.Get(_scenes) % 25 != 0) throw new UsageException($"--scenes must be a multiple of 25, got {context.Get(_scenes)}");
        var fusion = _sizes.Choose(context);
        var recipe = new PretrainingRecipe
        {
            Steps = context.Get(_steps),
            Scenes = context.Get(_batch),
            Objectives = Asked(context.Get(_objectives)),
            Queue = context.Get(_queue),
            Momentum = context.Get(_momentum),
            Seed = context.Get(_seed),
            Language = InstructionOption.Record(context, _instructions,
                held.Description),
        };
        held.Description.Set(_objectives.Name, $"{recipe.Objectives}");
        if (recipe.Queue % recipe.Scenes != 0)
            throw new UsageException($"{_queue.Name} {recipe.Queue}: must be a multiple of {_batch.Name} {recipe.Scenes}");
        if (recipe.Queue > 0 && !recipe.Objectives.HasFlag(PretrainingObjectives.Contrastive))
            throw new UsageException($"{_queue.Name} serves the contrastive objective, which {_objectives.Name} leaves out");
        if (recipe.Queue > 0 && (context.Get(_shards) > 1 || context.Ranks is not null))
            throw new UsageException($"{_queue.Name} keeps the embeddings of whole batches: it goes with one shard, in one process");
        return new PretrainingRun(context, context.Get(_strategy)!, fusion, recipe, folder) { Shards = context.Get(_shards) }.Run(held, context.Get(_scenes));
    }

    private static PretrainingObjectives Asked(string[]? names)
    {
        if (names is not { Length: > 0 }) return PretrainingObjectives.All;
        return names.Aggregate(PretrainingObjectives.None, (asked, name) =>
            asked | Objectives.First(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase)).Objective);
    }
}
