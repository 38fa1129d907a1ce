using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Publish.Questions;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Commands;

/// <summary>Measures the figures of docs/trust on policies that were trained before.</summary>
internal sealed class TrustCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "trust";

    private readonly Option<string?> _policies;
    private readonly Option<string?> _comparison;
    private readonly Option<string?> _cells;
    private readonly Option<int> _steps;
    private readonly Option<int> _scenes;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public TrustCommand()
        : base(Word, "Measure faithfulness, instruction effect, nuisance share and doctor on the policies of a folder, for docs/trust.md",
            $"{AllCommands.ToolName} {Word} --policies runs/policies --out docs/results")
    {
        _policies = AddText("--policies", "Folder with a run of train in each folder below it, all on the task pick", "folder",
            required: true);
        _comparison = AddText("--comparison", "Folder of a comparison whose policies were kept, for what predicts success in all tasks",
            "folder");
        AddWith();
        _cells = AddText("--cells", "Folder for what is measured scene by scene, which is not measured again", "folder",
            byDefault: "runs/faithfulness");
        _steps = AddWhole("--steps", "Steps of training of the policies whose maps are measured", 3000, least: 1);
        _scenes = AddWhole("--scenes", "Scenes of each measurement", 20, least: 2);
        _seed = AddSeed();
        _out = AddText("--out", "Folder for the answer", "folder", byDefault: "runs/questions");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (folder, into, cells) = (context.Get(_policies)!, context.Get(_out)!, context.Get(_cells)!);
        if (!Directory.Exists(folder)) throw new IOException($"{folder}: there is no such folder");
        OutputPath.CheckFolder(into);
        OutputPath.CheckFolder(cells);
        var task = RobotTasks.Find("pick");
        var policies = MeasuredPolicy.ReadAll(folder, task.Name);
        if (policies.Count == 0) throw new UsageException($"{_policies.Name} {folder}: holds no run of train on {task.Name}");
        IReadOnlyList<ComparedPolicy> compared = context.Get(_comparison) is { } runs ? ComparedPolicy.ReadAll(runs) : [];
        var answer = new HowTrustworthy(task, context.Get(_scenes), context.Get(_seed), cells).Ask(policies, compared, context.Get(_steps),
            context.CommandLine, context.Stop, context.Terminal.Error.WriteLine);
        foreach (var (name, rows) in answer.Tables)
        {
            context.Print($"{name}:");
            foreach (var row in rows) context.Print("  " + string.Join("  ", row));
        }

        foreach (var (name, value) in answer.Values) context.Print($"{name}: {value}");
        answer.Write(into);
        context.Print($"Answer: {Answer.PathOf(into, answer.Question)}");
        return ExitCodes.Success;
    }
}
