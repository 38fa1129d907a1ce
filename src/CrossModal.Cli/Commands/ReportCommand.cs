using System.CommandLine;
using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;

namespace CrossModal.Cli.Commands;

/// <summary>Writes the page of a comparison.</summary>
internal sealed class ReportCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "report";

    private const string PageName = "report.html";

    private readonly Option<string?> _results;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public ReportCommand()
        : base(Word, "Write the page of a comparison", "crossmodal report --results runs/compare/results.json")
    {
        _results = AddText("--results", "results.json of a comparison; films are looked for beside it", "file");
        _out = AddText("--out", $"Where the page goes; {PageName} beside the results unless said", "file");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var path = context.Get(_results) ?? throw new UsageException("report needs --results");
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var target = context.Get(_out) ?? Path.Combine(folder, PageName);
        OutputPath.CheckFile(target);
        var results = Results.Load(path);
        new ComparisonReport(results, new CellStore(folder).FindFilms, context.Language).Build().Save(target);
        var texts = new ComparisonTexts(context.Language);
        context.Print(texts.Report(target));
        if (results.File.Missing.Count > 0) context.Print(texts.NotRun(results.File.Missing.Count));
        context.Result["report"] = target;
        return ExitCodes.Success;
    }
}
