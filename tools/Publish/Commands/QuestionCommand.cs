using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Policies;
using CrossModal.Publish.Questions;
using CrossModal.Reports;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Commands;

/// <summary>Answers one of the textbook's questions that is no ablation by an experiment of its own.</summary>
internal sealed class QuestionCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "question";

    private const int FirstNumber = 3;
    private const int LastNumber = 5;

    private readonly Option<int> _number;
    private readonly Option<string[]> _checkpoints;
    private readonly Option<string?> _task;
    private readonly Option<int> _scenes;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _out;
    private readonly Option<string?> _images;

    /// <summary>Makes the command.</summary>
    public QuestionCommand()
        : base(Word, "Answer one of the textbook's questions by an experiment; direction and positions are ablations of compare",
            $"{AllCommands.ToolName} {Word} --number 4", $"{AllCommands.ToolName} {Word} --number 5 --checkpoint runs/demo")
    {
        _number = AddWhole("--number", "3: how to evaluate alignment; 4: a thousand visual tokens; 5: when attention fails", byDefault: 4,
            least: FirstNumber, most: LastNumber);
        _checkpoints = AddTexts("--checkpoint",
            "Folders of trained policies of one camera, for questions 3 and 5; question 5 takes the layers of the first", "folder");
        _task = Among(AddText("--task", "Task on the tabletop", "task", byDefault: "pick"), () => [.. RobotTasks.All.Select(t => t.Name)],
            anyCase: true);
        _scenes = AddWhole("--scenes", "Scenes of each experiment; frames of each way for question 4", byDefault: 200, least: 2);
        _seed = AddSeed();
        _out = AddText("--out", "Folder for the answer", "folder", byDefault: "runs/questions");
        _images = AddText("--images", "Folder for pictures; images below the answer's unless given", "folder");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (number, folder, scenes, seed) = (context.Get(_number), context.Get(_out)!, context.Get(_scenes), context.Get(_seed));
        if (number == 4) context.RefuseWith(_number, _checkpoints, _task, _seed, _images);
        var images = context.Get(_images) ?? Path.Combine(folder, "images");
        var policies = number == 4 ? [] : Load(context.Get(_checkpoints) ?? []);
        OutputPath.CheckFolder(folder);
        var task = RobotTasks.Find(context.Get(_task)!);
        var answer = number switch
        {
            3 => new HowAligned(task, scenes, seed).Ask(policies, context.CommandLine, Machine.Line, context.Stop),
            4 => ManyVisualTokens.Ask(context.CommandLine, Machine.Line, scenes, context.Stop),
            _ => new WhenAttentionFails(task, scenes, seed, images).Ask(policies, context.CommandLine, Machine.Line, context.Stop),
        };
        foreach (var (name, rows) in answer.Tables)
        {
            context.Print($"{name}:");
            foreach (var row in rows) context.Print("  " + string.Join("  ", row));
        }

        answer.Write(folder);
        context.Print($"Answer: {Answer.PathOf(folder, number)}");
        context.Result["answer"] = Answer.PathOf(folder, number);
        return ExitCodes.Success;
    }

    private static List<(string Name, TrainedPolicy Policy)> Load(string[] folders)
    {
        if (folders.Length == 0) throw new UsageException("this question needs --checkpoint");
        return [.. folders.Select(folder => PolicyFolder.Load(folder) is { Policy.Options.Fusion.Views: 1 } policy
            ? (Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), policy)
            : throw new ArgumentException($"{folder}: a policy of one camera is needed"))];
    }
}
