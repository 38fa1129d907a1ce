using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;

namespace CrossModal.Publish.Commands;

/// <summary>Times the steps of every row of a published comparison in turn and keeps the times beside it; nothing else should
/// run.</summary>
internal sealed class TimesCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "times";

    private readonly Option<string?> _results;

    /// <summary>Makes the command.</summary>
    public TimesCommand()
        : base(Word, "Time a compiled control step and a training step of every row of a comparison in turn; nothing else should run",
            $"{AllCommands.ToolName} {Word}") =>
        _results = AddText("--results", "Folder of the comparison; the times are written beside it", "folder", byDefault: "docs/results");

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_results)!;
        if (!Directory.Exists(folder)) throw new IOException($"{folder}: there is no such folder");
        var rows = ComparisonCollection.Speeds(Results.Load(folder).File, context.Stop);
        ComparisonFile.WriteTimes(folder, new ComparisonTimes
        {
            Version = CellRunner.Version,
            Command = context.CommandLine,
            Machine = Machine.Line,
            Rounds = ComparisonCollection.SpeedRounds,
            Rows = rows,
        });
        foreach (var row in rows)
            context.Print($"{HtmlWriter.Fixed(row.MedianMilliseconds, 3)} ms ({HtmlWriter.Fixed(row.LowMilliseconds, 3)}–"
                + $"{HtmlWriter.Fixed(row.HighMilliseconds, 3)})  {row.Variant}");
        context.Print($"wrote {Path.Combine(folder, ComparisonFile.TimesName)}");
        return ExitCodes.Success;
    }
}
