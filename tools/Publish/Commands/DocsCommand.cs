using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Publish.Monitoring;
using CrossModal.Publish.Pages;

namespace CrossModal.Publish.Commands;

/// <summary>Fills the documents with the tables, values and pictures of the published comparison and of the answers to questions.</summary>
internal sealed class DocsCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "docs";

    private readonly Option<string?> _results;
    private readonly Option<string?> _docs;

    /// <summary>Makes the command.</summary>
    public DocsCommand()
        : base(Word, $"Fill {string.Join(", ", Documents.Pages.Concat(MonitorPages.Names))} and draw their pictures",
            $"{AllCommands.ToolName} {Word}")
    {
        _results = AddText("--results", "Folder of a comparison, with its films and the answers to questions", "folder",
            byDefault: "docs/results");
        _docs = AddText("--docs", "Folder of the documents", "folder", byDefault: "docs");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (results, docs) = (context.Get(_results)!, context.Get(_docs)!);
        foreach (var folder in (string[])[results, docs])
            if (!Directory.Exists(folder)) throw new IOException($"{folder}: there is no such folder");
        string[] written =
        [
            .. new Documents(Results.Load(results), new CellStore(results).FindFilms, RecordedAnswers.ReadAll(results)).Write(docs),
            .. MonitorPages.Write(docs),
        ];
        foreach (var file in written) context.Print($"wrote {Path.Combine(docs, file)}");
        if (written.Length == 0) context.Print("everything was up to date");
        context.Result["written"] = new JsonArray([.. written.Select(f => (JsonNode)f)]);
        return ExitCodes.Success;
    }
}
