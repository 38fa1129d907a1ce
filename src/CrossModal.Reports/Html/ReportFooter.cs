using System.Reflection;

namespace CrossModal.Reports;

/// <summary>Where a report comes from: version, machine, seed, and the command that makes it again. Carries no date, so that equal runs
/// give equal pages.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Seed">The seed; null when nothing was random.</param>
internal sealed record ReportFooter(string Command, ulong? Seed = null) : IReportPart
{
    private static readonly string Version =
        typeof(ReportFooter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("footer"))
        {
            var name = html.IsChinese ? "种子" : "seed";
            html.Leaf("p", $"CrossModal {Version} · {Machine.Line}{(Seed is { } seed ? $" · {name} {seed}" : "")}");
            html.Leaf("pre", Command);
        }
    }
}
