using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
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
    private readonly Option<string[]> _tasks;
    private readonly Option<string[]> _splits;
    private readonly Option<int> _episodes;
    private readonly Option<ulong> _seed;
    private readonly Option<string[]> _controls;
    private readonly Option<string?> _instructions;
    private readonly Option<bool> _vary;

    /// <summary>Makes the command.</summary>
    public EvaluateCommand()
        : base(Word, "Run a trained policy in closed loop and report success with intervals; or its action error on recordings",
            "crossmodal evaluate --checkpoint runs/demo --split S0 Z1 --episodes 1000",
            "crossmodal evaluate --checkpoint runs/demo --split all --control none no-language shuffled-instruction",
            "crossmodal evaluate --checkpoint runs/mine --data my_recordings")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        AddWith();
        _data = AddText("--data", "Recordings to measure the action error on, instead of the tabletop", "folder");
        _tasks = Among(AddTexts("--task", "Tasks on the tabletop, or all; those it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _splits = Among(AddTexts("--split", "Splits, of those below, or all that policies are judged on; S0 and Z1 unless given", "split"),
            () => TabletopNames.OfSplits, anyCase: true);
        _episodes = AddWhole("--episodes", "Episodes of each task, split and control", 500, least: 1);
        _seed = AddSeed();
        _controls = Among(AddTexts("--control", $"What the policy is not given: {string.Join(", ", Controls.Names)}; none unless given",
            "what"), () => Controls.Names);
        _instructions = AddInstructions(
            "Language of the instructions on the tabletop: en, zh or both, one after the other; what the policy was trained on unless " +
            "given");
        _vary = AddFlag("--vary", "Let light, texture and paint vary from scene to scene");
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Notes => Split.All.Select(split => $"  {split.Name,-6} {split.Description}").Prepend("Splits:");

    /// <inheritdoc/>
    protected override bool RunsOnRanks => true;

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var trained = PolicyFolder.Load(context.Get(_checkpoint)!);
        if (context.Get(_data) is { } data)
        {
            context.RefuseWith(_data, _tasks, _splits, _episodes, _seed, _controls, _instructions, _vary);
            return RecordedRun.Evaluate(context, trained, context.Get(_checkpoint)!, data);
        }

        const string Tabletop = "tabletop/";
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException($"{context.Get(_checkpoint)}: was trained on {trained.Source}, not on the tabletop; give --data");
        var tasks = TabletopNames.Tasks(context.Get(_tasks) is { Length: > 0 } given ? given
            : trained.Source[Tabletop.Length..].Split('+'));
        var languages = (context.Get(_instructions) is { } asked ? InstructionOption.Parse(asked)
            : InstructionLanguages.Of(trained.Tokenizer)).Each();
        var controls = Controls.Parse(context.Get(_controls) ?? []);
        var splits = TabletopNames.Splits(context.Get(_splits) ?? []);
        var evaluations = new JsonArray();
        var texts = new RunTexts(context.Language);
        context.Print(texts.Evaluation(trained.Policy.Options.Strategy, tasks));
        foreach (var task in tasks)
            foreach (var split in splits)
                foreach (var language in languages)
                {
                    var name = $"{task.Name} {split.Name}";
                    var test = new Test(task, split, language, languages.Count > 1 ? texts.InLanguage(name, language) : name);
                    Evaluate(context, trained, test, controls, evaluations);
                }

        context.Result["evaluations"] = evaluations;
        return ExitCodes.Success;
    }

    /// <summary>One line of the result.</summary>
    /// <param name="Task">What is asked.</param>
    /// <param name="Split">Which scenes.</param>
    /// <param name="Language">Language of the instructions.</param>
    /// <param name="Name">What the line says of all that.</param>
    private sealed record Test(RobotTask Task, Split Split, InstructionLanguage Language, string Name);

    private void Evaluate(CommandContext context, TrainedPolicy trained, Test test, IReadOnlyList<PolicyControl> controls,
        JsonArray evaluations)
    {
        EvaluationResult? plain = null;
        foreach (var control in controls)
        {
            var json = Evaluator.ToJson(test.Split.Name, Run(control, out var result));
            json["control"] = Controls.NameOf(control);
            json["instructions"] = InstructionOption.NameOf(test.Language);
            evaluations.Add((JsonNode)json);
            if (control == PolicyControl.None) plain = result;
            if (control != PolicyControl.OtherInstruction) continue;

            // What it does otherwise has to be known to say whether that changed.
            if (plain is null) Run(PolicyControl.None, out plain);
            var changed = BehaviourChange.Between(plain, result);
            json["behaviourChanged"] = CommandContext.Number(changed.Rate);
            context.Print(new RunTexts(context.Language).Changed(changed.Rate, changed.Lower, changed.Upper));
        }

        EvaluationResult Run(PolicyControl control, out EvaluationResult result) => result = Evaluator.Run(
            context, trained, test.Task, test.Split, context.Get(_episodes), context.Get(_seed), control,
            control == PolicyControl.None ? test.Name : new RunTexts(context.Language).Without(test.Name, Controls.NameOf(control)),
            variation: context.Get(_vary) ? SceneVariation.Varied : SceneVariation.Plain, language: test.Language);
    }
}
