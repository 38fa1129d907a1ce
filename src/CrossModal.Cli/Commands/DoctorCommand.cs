using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Diagnosis;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal doctor</c>: whether a policy uses its words and its picture, one verdict a line.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "doctor";

    private const string Tabletop = "tabletop/";

    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _data;
    private readonly Option<string[]> _tasks;
    private readonly Option<string[]> _splits;
    private readonly Option<int> _scenes;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public DoctorCommand()
        : base(Word, "Check whether a policy uses its words and its picture, on the tabletop or on recordings: one verdict a line, exit " +
            "code 1 when one is FAIL",
            "crossmodal doctor --checkpoint runs/demo",
            "crossmodal doctor --checkpoint runs/mine --data my_recordings")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        AddWith();
        _data = AddText("--data", "Recordings to check it on instead of the tabletop; checks that need masks of objects are left out",
            "folder");
        _tasks = Among(AddTexts("--task", "Task on the tabletop; the first it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _splits = Among(AddTexts("--split", "Split; S0 unless given", "split"), () => TabletopNames.OfSplits, anyCase: true);
        _scenes = AddWhole("--scenes", "Scenes, or steps of recordings", 50, least: 2, most: 100_000);
        _seed = AddSeed();
        _out = AddText("--out", $"Folder for the page, {ExaminationPage.Name}", "folder", byDefault: "runs/doctor");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (checkpoint, folder) = (context.Get(_checkpoint)!, context.Get(_out)!);
        OutputPath.CheckFolder(folder);
        var trained = PolicyFolder.Load(checkpoint);
        var (examination, where) = context.Get(_data) is { } data ? OnRecordings(context, trained, checkpoint, data)
            : OnTabletop(context, trained, checkpoint);
        foreach (var result in examination.Results) context.Print(result.ToString());
        var texts = new DoctorSummaryTexts(context.Language);
        context.Print(examination.Failed == 0 ? texts.NothingFailed : texts.Failed(examination.Failed, examination.Results.Count));
        var page = Path.Combine(folder, ExaminationPage.Name);
        ExaminationPage.Of(examination, texts.Subtitle(checkpoint, trained.Policy.Options.Strategy, where), context.CommandLine,
            context.Get(_seed), context.Language).Save(page);
        context.Print(texts.Page(page));
        context.Result["checks"] = new JsonArray([.. examination.Results.Select(f => new JsonObject
        {
            ["check"] = f.Key, ["name"] = f.Name, ["verdict"] = f.Verdict.ToString().ToLowerInvariant(), ["figures"] = f.Figures,
        })]);
        return examination.Failed == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private (Examination Examination, string Where) OnTabletop(CommandContext context, TrainedPolicy trained, string checkpoint)
    {
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException(
                $"{checkpoint}: was trained on {trained.Source}, not on the tabletop: give recordings with {_data.Name}");
        string[] given = context.Get(_tasks) is { Length: > 0 } named ? named : [trained.Source[Tabletop.Length..].Split('+')[0]];
        var task = TabletopNames.Tasks(given) is [{ } only] ? only : throw new UsageException("--task: doctor takes one task");
        var split = context.Get(_splits) is { Length: > 0 } splits ? TabletopNames.Splits(splits) is [{ } one] ? one
            : throw new UsageException("--split: doctor takes one split") : Split.S0;
        var (scenes, seed) = (context.Get(_scenes), context.Get(_seed));
        var cases = TabletopCases.Draw(trained, task, split, scenes, seed);
        if (cases.Count < 2)
            throw new UsageException(
                $"--task {task.Name}, --split {split.Name}: {cases.Count} of {scenes} scenes allow another instruction, and a check takes two");
        var grounding = WordGrounding.Measure(trained, task, split, scenes, seed);
        return (Examination.Of(trained, cases, grounding, seed, context.Language, context.Stop), $"{task.Name} {split.Name}");
    }

    private (Examination Examination, string Where) OnRecordings(CommandContext context, TrainedPolicy trained, string checkpoint,
        string data)
    {
        context.RefuseWith(_data, _tasks, _splits);
        using var read = TrainingData.ReadFor(data, checkpoint, trained.Policy.Options.ImageSize, context);
        var cases = RecordedCases.Draw(trained, read.Episodes, context.Get(_scenes), context.Get(_seed));
        if (cases.Count == 0) throw new FileFormatException(data, "there is no step to check the policy on");
        return (Examination.Of(trained, cases, null, context.Get(_seed), context.Language, context.Stop),
            Path.GetFileName(Path.TrimEndingDirectorySeparator(data)));
    }
}
