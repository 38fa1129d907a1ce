using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Cells;
using CrossModal.Policies;

namespace CrossModal.Publish.Commands;

/// <summary>Films the episodes of finished cells again with the policies that were kept of them: of cells whose films are gone, were not
/// asked for, or were made before maps were judged.</summary>
internal sealed class FilmsCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "films";

    private readonly Option<string?> _comparison;
    private readonly Option<string[]> _cells;
    private readonly Option<int> _films;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public FilmsCommand()
        : base(Word, "Film the episodes of finished cells again with the policies that were kept, and judge their maps",
            $"{AllCommands.ToolName} {Word} --comparison runs/full --cell e81bf0287efccbc5 --out docs/results")
    {
        _comparison = AddText("--comparison", "Folder of a comparison, with its cells and policies", "folder", required: true);
        AddWith();
        _cells = AddTexts("--cell", "Keys of cells", "key", required: true);
        _films = AddWhole("--films", "Most films of a cell: successes and failures of its tests in turn", 4, least: 1);
        _out = AddText("--out", "Folder of a comparison whose films these become; that with the cells unless given", "folder");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_comparison)!;
        if (!Directory.Exists(folder)) throw new IOException($"{folder}: there is no such folder");
        var into = context.Get(_out) ?? folder;
        OutputPath.CheckFolder(into);
        var (from, to) = (new CellStore(folder), new CellStore(into));

        // A key that is wrong is said before a film is made.
        var cells = context.Get(_cells)!.Select(key => Find(from, key)).ToList();
        foreach (var (cell, policy) in cells)
        {
            var plan = cell.Configuration.Evaluation with { Films = context.Get(_films) };
            var films = new Filming(PolicyFolder.Load(policy), plan, cell.Tests, cell.Grounding).Run(context.Stop);
            context.Print($"wrote {to.SaveFilms(cell.Configuration, new CellFilms(cell.Key, films))}: {films.Count} films");
        }

        context.Result["cells"] = new JsonArray([.. cells.Select(c => (JsonNode)c.Cell.Key)]);
        return ExitCodes.Success;
    }

    private (CellResult Cell, string Policy) Find(CellStore store, string key)
    {
        var cell = store.Find(key) ?? throw new UsageException($"{_cells.Name} {key}: {store.Folder} holds no finished cell of that key");
        var policy = store.PolicyFolder(key);
        return Directory.Exists(policy) ? (cell, policy)
            : throw new UsageException($"{_cells.Name} {key}: its policy was not kept; there is no folder {policy}");
    }
}
