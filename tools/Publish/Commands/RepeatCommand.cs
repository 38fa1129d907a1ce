using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Publish.Repeating;
using CrossModal.Reports;

namespace CrossModal.Publish.Commands;

/// <summary>Trains and tests published cells again and states whether they come out the same.</summary>
internal sealed class RepeatCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "repeat";

    private const string OfVectors = "-bit vectors";

    private readonly Option<string[]> _cells;
    private readonly Option<string?> _results;
    private readonly Option<string?> _work;

    /// <summary>Makes the command.</summary>
    public RepeatCommand()
        : base(Word, "Train and test published cells again and state whether they come out the same",
            $"{AllCommands.ToolName} {Word} --cell 57415f970fcdf2eb")
    {
        _cells = AddTexts("--cell", "Keys of cells", "key");
        _results = AddText("--results", "Folder of the comparison; what came out is written beside it", "folder",
            byDefault: "docs/results");
        _work = AddText("--work", "Folder in which they are trained; what is finished there is not trained again", "folder",
            byDefault: "runs/repeated");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (folder, work, keys) = (context.Get(_results)!, context.Get(_work)!, context.Get(_cells) ?? []);
        if (keys.Length == 0) throw new UsageException($"{_cells.Name}: give the key of at least one cell");
        if (!Directory.Exists(folder)) throw new IOException($"{folder}: there is no such folder");
        OutputPath.CheckFolder(work);
        var published = Results.Load(folder).File;
        var chosen = keys.Distinct().Select(key => Find(published, key)).ToArray();
        var runner = new CellRunner(new CellStore(work)) { Machine = Machine.Line };
        var cells = new List<RepeatedCell>();
        foreach (var cell in chosen)
        {
            var name = ComparisonCollection.Describe(cell);
            context.Print($"{name}: training and testing");
            cells.Add(RepeatedCell.Of(name, cell.Result, runner.Run(cell.Result.Configuration, keepPolicy: false,
                cancellation: context.Stop)));
            context.Print($"  {(cells[^1].Agrees ? "the same" : "not the same")}: {cells[^1].Successes} and {cells[^1].SuccessesAgain} of "
                + $"{cells[^1].Episodes} episodes, {cells[^1].OtherOutcomes} ended otherwise"
                + (cells[^1].Differences.Count == 0 ? "" : $"; other digits in {string.Join(", ", cells[^1].Differences)}"));
        }

        new Repetition { Command = context.CommandLine, Machine = Machine.Line, Version = CellRunner.Version, Cells = cells }.Write(folder);
        context.Print($"wrote {Path.Combine(folder, Repetition.Name)}");
        return ExitCodes.Success;
    }

    /// <summary>A published cell that this machine can repeat.</summary>
    private static ComparedCell Find(ComparisonResults published, string key)
    {
        var cell = published.Cells.FirstOrDefault(c => c.Result.Key == key)
            ?? throw new UsageException($"--cell: there is no cell '{key}'");
        if (cell.Result.Configuration.Teacher is not null || cell.Result.Configuration.Pretraining is not null)
            throw new UsageException($"--cell {key}: it needs a policy that was trained before it, which is not published");
        if (CellKey.Of(cell.Result.Configuration) != key)
            throw new UsageException($"--cell {key}: what it was trained with or on has changed since");

        // Sums are rounded in another order by vectors of another width.
        var (before, now) = (Width(cell.Result.Timing.Machine), Width(Machine.Line));
        return before == now ? cell
            : throw new UsageException($"--cell {key}: was made with {before}{OfVectors}, and this machine computes "
            + $"with {now}{OfVectors}; where it has 512, DOTNET_EnableAVX512=0 gives 256");

        static string Width(string machine) => machine.IndexOf(OfVectors, StringComparison.Ordinal) is var end and > 0
            ? machine[(machine.LastIndexOf(' ', end) + 1)..end] : "";
    }
}
