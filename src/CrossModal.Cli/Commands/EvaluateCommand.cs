using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Runs;
using CrossModal.Models;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal evaluate</c>: runs a trained policy closed-loop, or measures its action error on recordings.</summary>
internal sealed class EvaluateCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "evaluate";

    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _data;
    private readonly Option<string?> _task;
    private readonly Option<string[]> _splits;
    private readonly Option<int> _episodes;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _control;

    /// <summary>Makes the command.</summary>
    public EvaluateCommand()
        : base(Word, "Run a trained policy in closed loop and report success with intervals; or its action error on recordings",
            "crossmodal evaluate --checkpoint runs/demo --split S0 Z1 --episodes 1000",
            "crossmodal evaluate --checkpoint runs/mine --data my_recordings")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        _data = AddText("--data", "Recordings to measure the action error on, instead of the tabletop", "folder");
        _task = AddText("--task", "Task on the tabletop; the one it was trained on unless given", "task");
        _splits = AddTexts("--split", $"Scenes: {string.Join(", ", Split.All.Select(s => s.Name))}; S0 and Z1 unless given", "split");
        _episodes = AddWhole("--episodes", "Episodes of each split", 500, least: 1);
        _seed = AddSeed();
        _control = AddText("--control", "What the policy is not given: none, no-language or no-vision", "what", byDefault: "none");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var trained = PolicyFolder.Load(context.Get(_checkpoint)!);
        if (context.Get(_data) is { } data)
        {
            context.RefuseWith(_data, _task, _splits, _episodes, _seed, _control);
            return RecordedRun.Evaluate(context, trained, data);
        }

        const string Tabletop = "tabletop/";
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException($"{context.Get(_checkpoint)}: was trained on {trained.Source}, not on the tabletop; give --data");
        var task = RobotTasks.Find(context.Get(_task) ?? trained.Source[Tabletop.Length..].Split('+')[0]);
        var control = Controls.Parse(context.Get(_control)!);
        var splits = context.Get(_splits) is { Length: > 0 } given ? given.Select(Split.Find).ToArray() : [Split.S0, Split.Z1];
        var results = new List<EvaluationResult>();
        context.Say($"{trained.Policy.Options.Strategy} on {task.Name}, success with 95 % intervals:");
        foreach (var split in splits)
            results.Add(Evaluator.Run(context, trained, task, split, context.Get(_episodes), context.Get(_seed), control, $"{split.Name}: {split.Description}"));
        context.Result["evaluations"] = new JsonArray([.. results.Select(r => (JsonNode)Evaluator.ToJson(r.Split, r))]);
        return ExitCodes.Success;
    }
}
