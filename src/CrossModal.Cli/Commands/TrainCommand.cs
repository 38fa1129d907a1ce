using System.CommandLine;
using CrossModal.Cli.Runs;
using CrossModal.Fusion;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal train</c>: trains a policy of one's choice on the tabletop, or on one's own recordings.</summary>
internal sealed class TrainCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "train";

    private readonly Option<string?> _data;
    private readonly Option<string[]> _tasks;
    private readonly Option<string?> _strategy;
    private readonly Option<int> _layers;
    private readonly Option<int> _heads;
    private readonly Option<int> _dim;
    private readonly Option<int> _latents;
    private readonly LookingOptions _looking;
    private readonly Option<ulong> _seed;
    private readonly Option<int> _steps;
    private readonly Option<string?> _control;
    private readonly Option<string?> _init;
    private readonly Option<int> _camera;
    private readonly Option<int> _views;
    private readonly Option<bool> _vary;
    private readonly Option<int> _episodes;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public TrainCommand()
        : base(Word, "Train a policy on the tabletop, or on your own recordings; a run that was stopped goes on where it was",
            "crossmodal train --task pick place --strategy perceiver --out runs/perceiver",
            "crossmodal train --data my_recordings --out runs/mine")
    {
        _data = AddText("--data", "Your recordings: a folder of episode_NNN/ with 000.png …, actions.npy, episode.json and perhaps states.npy", "folder");
        _tasks = AddTexts("--task", $"Tasks on the tabletop: {Tasks}, or all; pick unless given", "task");
        _strategy = AddText("--strategy", "Fusion strategy, one of those below", "name", byDefault: "cross-attention");
        _layers = AddWhole("--layers", "Layers of the strategy", 4, least: 1, most: 64);
        _heads = AddWhole("--heads", "Heads of each attention; divide --dim", 4, least: 1, most: 256);
        _dim = AddWhole("--dim", "Width of all tokens; divisible by 4", 64, least: 4, most: 4096);
        _latents = AddWhole("--latents", "Latents of a Perceiver", 16, least: 1, most: 4096);
        _looking = AddLooking();
        _looking.Attention.Aliases.Add("--attention");
        _seed = AddSeed(0);
        _steps = AddWhole("--steps", $"Steps of training; {RecordedRun.DefaultSteps} on recordings unless given", new TabletopRecipe().Steps, least: 1);
        _control = AddText("--control", $"What the policy is not given: {Controls.NamesInTraining}", "what", byDefault: "none");
        _camera = AddWhole("--camera", "Pixels along each side of the camera's pictures on the tabletop: 64 or 96", 64);
        _views = AddWhole("--views", "Cameras on the tabletop: 1, the front one, or 2, with the side one", 1, least: 1, most: CameraRig.MostViews);
        _vary = AddFlag("--vary", "Let light, texture and paint vary from scene to scene on the tabletop");
        _init = AddText("--init", "Folder of a policy, pre-trained or trained, whose eyes, reader and fusion to start from", "folder");
        _episodes = AddWhole("--episodes", "Episodes of evaluation on the tabletop", 500, least: 1);
        _out = AddText("--out", "Folder for checkpoints, policy, metrics and report", "folder", byDefault: "runs/train");
    }

    private static string Tasks => string.Join(", ", RobotTasks.All.Select(t => t.Name));

    /// <inheritdoc/>
    public override IEnumerable<string> Notes =>
        FusionStrategies.Names.Select(name => $"  {name,-28} {FusionStrategies.Summary(name)}").Prepend("Strategies:");

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;
        OutputPath.CheckFolder(folder);
        var fusion = new FusionOptions(context.Get(_dim), context.Get(_heads), context.Get(_layers)) 
        {
            Latents = context.Get(_latents), Views = context.Get(_views), Vision = _looking.Choose(context),
        };
        var control = Controls.ParseForTraining(context.Get(_control)!);
        var (strategy, steps, seed) = (context.Get(_strategy)!, context.Get(_steps), context.Get(_seed));
        if (context.Get(_data) is { } data)
        {
            context.RefuseWith(_data, _init, _tasks, _control, _episodes, _camera, _views, _vary);
            return new RecordedRun(context, data, strategy, fusion, context.IsGiven(_steps) ? steps : RecordedRun.DefaultSteps, seed, folder).Run();
        }

        var recipe = new TabletopRecipe
        {
            Steps = steps, Tasks = [.. TabletopNames.Tasks(context.Get(_tasks) is { Length: > 0 } given ? given : ["pick"]).Select(t => t.Name)], Seed = seed, Control = control,
            ImageSize = TabletopNames.CameraSize(context.Get(_camera)), Variation = context.Get(_vary) ? SceneVariation.Varied : SceneVariation.Plain,
        };
        var run = new TabletopRun(context, strategy, fusion, recipe, folder) { Init = context.Get(_init) };
        run.Train();
        context.Say("Success in closed loop, with 95 % intervals:");
        run.Evaluate("new layouts", Split.S0, context.Get(_episodes), seed + 1, control);
        run.Evaluate("unseen colour-shape pairs", Split.Z1, context.Get(_episodes), seed + 1, control);
        run.Ground(Math.Min(200, context.Get(_episodes)), seed + 1);
        run.Save(seed + 1);
        context.Say($"Report: {Path.Combine(folder, "report.html")}");
        return ExitCodes.Success;
    }
}
