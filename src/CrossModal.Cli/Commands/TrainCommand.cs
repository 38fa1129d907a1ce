using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Fusion;
using CrossModal.Imitation;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal train</c>: trains a policy of one's choice on the tabletop, or on one's own recordings.</summary>
internal sealed class TrainCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "train";

    private readonly Option<string?> _data;
    private readonly DataOptions _choice;
    private readonly Option<int> _imageSize;
    private readonly Option<string?> _cache;
    private readonly Option<string[]> _tasks;
    private readonly Option<string?> _strategy;
    private readonly PolicySizeOptions _sizes;
    private readonly VisualTokenOptions _visualTokens;
    private readonly Option<int> _pastFrames;
    private readonly Option<ulong> _seed;
    private readonly Option<int> _steps;
    private readonly Option<int> _shards;
    private readonly Option<string?> _instructions;
    private readonly Option<string?> _control;
    private readonly Option<string?> _init;
    private readonly EncoderOptions _encoders;
    private readonly Option<int> _camera;
    private readonly Option<int> _views;
    private readonly Option<bool> _vary;
    private readonly Option<int> _episodes;
    private readonly Option<string?> _out;
    private readonly Option<bool> _restart;

    /// <summary>Makes the command.</summary>
    public TrainCommand()
        : base(Word, "Train a policy on the tabletop, or on your own recordings; a run that was stopped goes on where it was",
            "crossmodal train --task pick place --strategy perceiver --out runs/perceiver",
            "crossmodal train --data my_recordings --out runs/mine")
    {
        _data = AddText("--data",
            "Your recordings: a folder of episode_NNN/ with 000.png … (or .jpg), actions.npy, episode.json (instruction; picture_rate " +
                "and action_rate in Hz if they differ) and perhaps states.npy; or a data set of LeRobot, RLDS, robomimic, LIBERO or " +
                "ALOHA (crossmodal data info says what it holds)", "folder");
        _choice = AddDataOptions();
        _imageSize = AddWhole("--image-size", "Side of the square that pictures of recordings are fitted into, in pixels",
            RecordedLossSource.ImageSize, RecordedRun.LeastImageSize, RecordedRun.MostImageSize);
        _cache = AddText("--cache", "Folder for decoded pictures of recordings; cache beside --out unless given", "folder");
        _tasks = Among(AddTexts("--task", $"Tasks on the tabletop: {string.Join(", ", TabletopNames.OfTasks)}; pick unless given", "task"),
            () => TabletopNames.OfTasks, anyCase: true);
        _strategy = Among(AddText("--strategy", "Fusion strategy, one of those below", "name", byDefault: "cross-attention"), () =>
            FusionStrategies.Names);
        AddWith();
        _sizes = AddPolicySizes();
        _visualTokens = AddVisualTokenOptions();
        _visualTokens.Attention.Aliases.Add("--attention");
        _pastFrames = AddWhole("--past-frames",
            "Pictures of earlier control steps, of each camera, that the policy also takes; 0 for none", 0, least: 0, most: FrameAges.Most);
        _seed = AddSeed(0);
        _steps = AddWhole("--steps",
            $"Steps of training; {RecordedRun.DefaultSteps} on recordings unless given. The learning rate falls to 0 at their end, so another number is another run, never one that goes on", new TabletopRecipe().Steps, least: 1);
        _shards = AddShards("2");
        _instructions = AddInstructions("Language of the instructions on the tabletop: en, zh (simplified Chinese) or both", "en");
        _control = Among(AddText("--control", $"What the policy is not given: {string.Join(", ", Controls.NamesInTraining)}", "what",
            byDefault: "none"), () => Controls.NamesInTraining);
        _camera = AddWhole("--camera", "Pixels along each side of the camera's pictures on the tabletop: 64 or 96", 64);
        _views = AddWhole("--views", "Cameras on the tabletop: 1, the front one, or 2, with the side one", 1, least: 1,
            most: CameraRig.MostViews);
        _vary = AddFlag("--vary", "Let light, texture and paint vary from scene to scene on the tabletop");
        _init = AddText("--init", "Folder of a policy, pre-trained or trained, whose vision encoder, text encoder and fusion to start from",
            "folder");
        _encoders = AddEncoders();
        _episodes = AddWhole("--episodes", "Episodes of evaluation on the tabletop", 500, least: 1);
        _out = AddText("--out", "Folder for checkpoints, policy, metrics and report", "folder", byDefault: "runs/train");
        _restart = AddRestart();
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Notes =>
        FusionStrategies.All.Select(s => $"  {s.Name,-28} {s.Summary}").Prepend("Strategies:");

    /// <inheritdoc/>
    protected override bool RunsOnRanks => true;

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;
        using var held = context.Take(folder, Describe(context, [_data, _instructions, _episodes, _out, _restart, _imageSize, _cache,
            _shards, _pastFrames, .. _encoders.All]),
            context.Get(_restart));
        var fusion = _sizes.Choose(context) with { Views = context.Get(_views), Vision = _visualTokens.Choose(context) };
        var perception = Perception(context, held.Description);
        var control = Controls.Parse(context.Get(_control)!);
        var (strategy, steps, seed) = (context.Get(_strategy)!, context.Get(_steps), context.Get(_seed));
        if (context.Get(_data) is { } data)
        {
            context.RefuseWith(_data, _init, _tasks, _instructions, _control, _episodes, _camera, _views, _vary);
            steps = context.IsGiven(_steps) ? steps : RecordedRun.DefaultSteps;
            held.Description.Set(_steps.Name, $"{steps}");

            // Runs that were begun before there was a choice go on.
            if (context.Get(_imageSize) != RecordedLossSource.ImageSize)
                held.Description.Set(_imageSize.Name, $"{context.Get(_imageSize)}");
            if (context.IsGiven(_encoders.Vision)) context.RefuseWith(_encoders.Vision, _imageSize);
            var cache = context.Get(_cache) ?? TrainingData.CacheBeside(folder);
            return new RecordedRun(context, data, strategy, fusion, steps, seed, folder)
            {
                Encoders = _encoders.Choose(context, Path.Combine(cache, "features")),
                Perception = perception,
                Shards = context.Get(_shards),
            }.Run(held, _choice, context.Get(_imageSize), cache);
        }

        foreach (var option in (Option[])[.. _choice.All, _imageSize, _cache, .. _encoders.OfVision])
            if (context.IsGiven(option)) throw new UsageException($"{option.Name} needs {_data.Name}");

        var recipe = new TabletopRecipe
        {
            Steps = steps,
            Tasks = [.. TabletopNames.Tasks(context.Get(_tasks) is { Length: > 0 } given ? given : ["pick"])
                .Select(t => t.Name)],
            Seed = seed,
            Control = control,
            Language = InstructionOption.Record(context, _instructions, held.Description),
            ImageSize = TabletopNames.CameraSize(context.Get(_camera)),
            Variation = context.Get(_vary) ? SceneVariation.Varied : SceneVariation.Plain,
        };
        held.Description.Set(_steps.Name, $"{recipe.Steps}");
        held.Description.Set(_tasks.Name, string.Join(' ', recipe.Tasks));
        var run = new TabletopRun(context, strategy, fusion, recipe, folder)
        {
            Init = context.Get(_init),
            Encoders = _encoders.Choose(context),
            Perception = perception,
            Shards = context.Get(_shards),
        };
        run.Train(held);
        return Evaluate(context, run, control, seed + 1, folder);
    }

    /// <summary>Evaluates a trained policy and writes its report; the first rank alone does the latter.</summary>
    private int Evaluate(CommandContext context, TabletopRun run, PolicyControl control, ulong seed, string folder)
    {
        var (texts, episodes) = (new RunTexts(context.Language), context.Get(_episodes));
        context.Print(texts.Success);
        run.Evaluate(texts.NewLayouts, Split.S0, episodes, seed, control);
        run.Evaluate(texts.UnseenPairs, Split.Z1, episodes, seed, control);
        if (!context.IsFirst) return ExitCodes.Success;
        run.Ground(Math.Min(200, episodes), seed);
        run.Save(seed);
        context.Print(texts.Report(Path.Combine(folder, "report.html")));
        return ExitCodes.Success;
    }

    /// <summary>How tokens are made. No past frames are not written: runs that were begun before there was a choice go on.</summary>
    private PerceptionOptions Perception(CommandContext context, RunDescription description)
    {
        var frames = context.Get(_pastFrames);
        if (frames > 0) description.Set(_pastFrames.Name, $"{frames}");
        return new PerceptionOptions { PastFrames = frames };
    }
}
