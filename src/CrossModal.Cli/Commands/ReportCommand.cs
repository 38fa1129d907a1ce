using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Findings;
using CrossModal.Cli.Questions;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Commands;

/// <summary>Draws what a comparison found: the page, or the tables, values and pictures of the documents.</summary>
internal sealed class ReportCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "report";

    private const string PageName = "report.html";

    private readonly Option<string?> _results;
    private readonly Option<string?> _out;
    private readonly Option<string?> _docs;

    /// <summary>Makes the command.</summary>
    public ReportCommand()
        : base(Word, "Draw what a comparison found, as a page or into documents", "crossmodal report --results runs/compare/results.json", "crossmodal report --results docs/results/results.json --docs docs")
    {
        _results = AddText("--results", "results.json of a comparison; films and answers to questions are looked for beside it", "file");
        _out = AddText("--out", $"Where the page goes; {PageName} beside the results unless said", "file");
        _docs = AddText("--docs", $"Fill {string.Join(" and ", Documents.Pages)} in this folder and draw their pictures, instead of a page", "folder");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var path = context.Get(_results) ?? throw new UsageException("report needs --results");
        if (Directory.Exists(path)) path = Path.Combine(path, "results.json");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (context.Get(_docs) is { } docs)
        {
            context.RefuseWith(_docs, _out);
            if (!Directory.Exists(docs)) throw new IOException($"{docs}: there is no such folder");
            var written = new Documents(new Results(ComparisonFile.ReadResults(path)), new CellStore(folder).FindFilms, Answer.ReadAll(folder)).Write(docs);
            foreach (var file in written) context.Print($"wrote {Path.Combine(docs, file)}");
            if (written.Count == 0) context.Print("everything was up to date");
            context.Result["written"] = new JsonArray([.. written.Select(f => (JsonNode)f)]);
            return ExitCodes.Success;
        }

        var target = context.Get(_out) ?? Path.Combine(folder, PageName);
        OutputPath.CheckFile(target);
        var results = new Results(ComparisonFile.ReadResults(path));
        new ComparisonReport(results, new CellStore(folder).FindFilms).Build().Save(target);
        context.Print($"Report: {target}");
        if (results.File.Missing.Count > 0) context.Print($"{results.File.Missing.Count} planned cells have not been run");
        context.Result["report"] = target;
        return ExitCodes.Success;
    }
}
