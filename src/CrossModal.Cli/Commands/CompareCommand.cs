using System.CommandLine;
using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Leases;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal compare</c>: trains and judges fusion strategies side by side, in cells that are never run twice.</summary>
internal sealed class CompareCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "compare";

    private readonly Option<bool> _quick;
    private readonly Option<bool> _full;
    private readonly Option<string?> _protocol;
    private readonly Option<bool> _list;
    private readonly Option<string[]> _only;
    private readonly Option<bool> _further;
    private readonly Option<string[]> _ablate;
    private readonly Option<bool> _distil;
    private readonly Option<double> _budget;
    private readonly Option<int> _workers;
    private readonly Option<bool> _worker;
    private readonly Option<bool> _status;
    private readonly Option<string?> _submit;
    private readonly Option<int> _silence;
    private readonly Option<string?> _out;
    private readonly Option<bool> _restart;

    /// <summary>Makes the command.</summary>
    public CompareCommand()
        : base(Word, "Train and judge fusion strategies with one recipe and budget; a comparison that was stopped goes on where it was",
            "crossmodal compare --quick", "crossmodal compare --full --budget-minutes 60", "crossmodal compare --ablate heads positions",
            "crossmodal compare --full --distil --list", "crossmodal compare --full --out /shared/full --worker")
    {
        _quick = AddFlag("--quick", "At most 15 minutes on two cores: 1,400 of 8,000 steps, one task, one seed, 200 episodes");
        _full = AddFlag("--full", "All tasks, two to five seeds, every split and control, all strategies: hours, in cells");
        _protocol = AddText("--protocol", "A protocol of your own; --list --json writes the one in use", "file");
        _list = AddFlag("--list", "Show the plan: what is finished, what is missing, how long it takes");
        _only = AddTexts("--only", "Train only these rows, strategies or settings; what is finished stays on the page", "name");
        _further = AddFlag("--further", "Also every other strategy the library has; part of --full");
        AddWith();
        _ablate = Among(AddTexts("--ablate", $"Ablations instead of the strategies: {string.Join(", ", ComparisonGroups.Ablations)}",
            "name"), () => ComparisonGroups.Ablations);
        _distil = AddFlag("--distil", "Also a small student with and without the best strategy as its teacher");
        _budget = AddNumber("--budget-minutes", "Stop after so many minutes; the next call goes on; 0 for no limit", 0, least: 0,
            most: 1e6);
        _workers = AddWhole("--workers", "Cells side by side; changes nothing but the time; 0 takes one for each core", 0, least: 0,
            most: 1024);
        _worker = AddFlag("--worker",
            "Share the cells out among all who work on the folder of --out, which many machines may see; one cell at a time unless " +
            "--workers says more");
        _status = AddFlag("--status", "Show who works on which cell, and how long it will take");
        _submit = Among(AddText("--submit",
            "Write a file that starts workers on a cluster, --workers of them: a job array (slurm) or an Indexed Job (k8s)", "cluster"),
            () => Submission.Clusters);
        _silence = AddWhole("--lease-seconds", "A cell whose worker gave no sign of life for so long is taken over by another",
            (int)CellLeases.UsualSilence.TotalSeconds, least: 1, most: 86_400);
        _out = AddText("--out", "Folder of cells, films, policies and results", "folder", byDefault: "runs/compare");
        _restart = AddRestart();
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Notes =>
    [
        "Rows:", .. ComparisonVariants.Table.Select(v => $"  {v.Name,-28} {v.Label}"),
        "With --further or --full also:", .. ComparisonVariants.Further.Select(v => $"  {v.Name,-28} {v.Label}"),
        "Ablations:", .. ComparisonGroups.Ablations.Select(name => $"  {name,-28} {ComparisonGroups.Summary(name)}"),
    ];

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        if (context.Get(_quick)) context.RefuseWith(_quick, _full, _protocol);
        if (context.Get(_full)) context.RefuseWith(_full, _protocol);
        if (context.Get(_list)) context.RefuseWith(_list, _budget, _restart, _worker, _status, _submit);
        if (context.Get(_status)) context.RefuseWith(_status, _budget, _restart, _worker, _workers, _submit);
        if (context.IsGiven(_submit)) context.RefuseWith(_submit, _restart, _worker);
        if (context.Get(_worker)) context.RefuseWith(_worker, _restart);
        var protocol = context.Get(_protocol) is { } file ? ComparisonFile.ReadProtocol(file)
            : context.Get(_quick) ? ComparisonProtocols.Quick
            : context.Get(_full) ? ComparisonProtocols.Full
            : ComparisonProtocols.Default;
        var only = context.Get(_only) ?? [];
        var plan = new ComparisonPlan(protocol) { Strategies = Rows(only, context.Get(_full) || context.Get(_further)) };
        var session = new ComparisonSession(context, plan, context.Get(_out)!, Groups(context))
        {
            Only = only,
            Workers = context.Get(_workers),
            IsShared = context.Get(_worker),
            Silence = TimeSpan.FromSeconds(context.Get(_silence)),
            Budget = context.Get(_budget) is > 0 and var minutes ? TimeSpan.FromMinutes(minutes) : null,
        };
        if (context.Get(_list)) return session.List();
        if (context.Get(_status)) return session.Status();
        if (context.Get(_submit) is { } cluster) return session.Submit(cluster);

        // Which cells are run is free, further seeds included: each of them says what made it. All of a page are of one protocol.
        var description = new RunDescription(Name) { HasCells = true };
        description.Set(ProtocolJson.NodeOf(protocol.Shared));
        using var held = context.Get(_worker) ? RunFolder.Join(context.Get(_out)!, description)
            : RunFolder.Take(context.Get(_out)!, description, context.Get(_restart));
        return session.Run(held);
    }

    /// <summary>The rows asked for by name, or all.</summary>
    private static IReadOnlyList<ComparisonVariant> Rows(string[] only, bool all)
    {
        var chosen = ComparisonVariants.All.Where(v =>
            only.Contains(v.Name, StringComparer.OrdinalIgnoreCase) || only.Contains(v.Strategy, StringComparer.OrdinalIgnoreCase))
            .ToArray();
        return chosen.Length > 0 ? chosen : all ? ComparisonVariants.All : ComparisonVariants.Table;
    }

    private string[] Groups(CommandContext context)
    {
        var ablations = context.Get(_ablate) ?? [];

        // A student needs a teacher: the strategies are run before it.
        string[] own = context.Get(_distil) ? [ComparisonGroups.Strategies, ComparisonGroups.Distillation]
            : ablations.Length == 0 || ablations.Any(ComparisonGroups.NeedsTeacher) ? [ComparisonGroups.Strategies] : [];
        return [.. ablations.Distinct(), .. own];
    }
}
