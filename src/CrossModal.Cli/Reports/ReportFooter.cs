using CrossModal.Cli.Commands;

namespace CrossModal.Cli.Reports;

/// <summary>Where a report comes from: version, machine, seed, and the command that makes it again. Carries no date, so that equal runs give equal pages.</summary>
/// <param name="Command">The command line, such as <see cref="CommandContext.CommandLine"/>.</param>
/// <param name="Seed">The seed; null when nothing was random.</param>
internal sealed record ReportFooter(string Command, ulong? Seed = null) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("footer"))
        {
            html.Leaf("p", $"CrossModal {Tool.Version} · {Machine.Line}{(Seed is { } seed ? $" · seed {seed}" : "")}");
            html.Leaf("pre", Command);
        }
    }
}
