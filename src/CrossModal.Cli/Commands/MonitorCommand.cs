using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Experiments.Monitoring;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal monitor</c>: fits to a policy what says during an episode that the instruction is not followed, or measures
/// it.</summary>
internal sealed class MonitorCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "monitor";

    private const string Fit = "fit";
    private const string Evaluate = "evaluate";
    private const string Tabletop = "tabletop/";
    private readonly Argument<string?> _what;
    private readonly Option<string?> _checkpoint;
    private readonly Option<string[]> _tasks;
    private readonly Option<int> _episodes;
    private readonly Option<double> _alpha;
    private readonly Option<int> _effectEvery;
    private readonly Option<ulong> _seed;

    /// <summary>Makes the command.</summary>
    public MonitorCommand()
        : base(Word, "Fit a monitor to a policy, which says during an episode that it is about to fail and when to stop (fit), or measure " +
            "the one beside it on other episodes (evaluate)",
            "crossmodal monitor fit --checkpoint runs/demo", "crossmodal monitor evaluate --checkpoint runs/demo --seed 2")
    {
        Arguments.Add(_what = new Argument<string?>("what") { Description = $"{Fit} or {Evaluate}", Arity = ArgumentArity.ZeroOrOne });
        _checkpoint = AddText("--checkpoint", "Folder of a policy trained on the tabletop; the monitor is written beside it", "folder",
            required: true);
        AddWith();
        _tasks = Among(AddTexts("--task", "Tasks on the tabletop, or all; those it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _episodes = AddWhole("--episodes", "Episodes of each task and circumstances", 200, least: 2, most: 100_000);
        _alpha = AddNumber("--alpha", "Largest share of successes that fit lets it stop by mistake", 0.1, least: 0.001, most: 0.9);
        _effectEvery = AddWhole("--effect-every",
            "After how many steps fit lets the monitor compute again what the policy would do without words; 0 for never",
            MonitorFitting.EffectEvery, least: 0, most: 4096);
        _seed = AddSeed();
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var what = context.Get(_what) ?? throw new UsageException($"{Word} needs {Fit} or {Evaluate}");
        if (what is not (Fit or Evaluate)) throw new UsageException($"{Word}: {Choice.Unknown(what, [Fit, Evaluate])}");
        foreach (var option in new Option[] { _alpha, _effectEvery })
            if (what == Evaluate && context.IsGiven(option)) throw new UsageException($"{option.Name} means nothing with {Word} {what}");
        var checkpoint = context.Get(_checkpoint)!;
        var trained = PolicyFolder.Load(checkpoint);
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException(
                $"{checkpoint}: was trained on {trained.Source}, not on the tabletop, whose episodes a monitor is fitted to");
        var tasks = TabletopNames.Tasks(context.Get(_tasks) is { Length: > 0 } given ? given
            : trained.Source[Tabletop.Length..].Split('+'));
        var run = new MonitorRun(context, checkpoint, tasks, context.Get(_episodes), context.Get(_seed));
        if (what == Fit) run.Fit(trained, context.Get(_alpha), context.Get(_effectEvery));
        else run.Evaluate(trained);
        return ExitCodes.Success;
    }
}
