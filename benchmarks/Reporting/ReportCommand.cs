using System.Text;
using CrossModal.Benchmarks.Crossover;
using CrossModal.Benchmarks.Policies;
using CrossModal.Benchmarks.Ranks;
using CrossModal.Benchmarks.Serving;
using CrossModal.Benchmarks.Variants;
using CrossModal.Benchmarks.Widths;
using CrossModal.Engine.Formats;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Fills the measured tables of pages, so that no figure in them is typed by hand.</summary>
internal static class ReportCommand
{
    /// <summary>Rewrites the pages.</summary>
    /// <exception cref="UsageException">A file is not what it should be, or a table does not fit.</exception>
    public static int Run(ReportArguments arguments)
    {
        var tables = new Dictionary<string, IReadOnlyList<string[]>>();
        if (arguments.Peers is { } peers)
            foreach (var (name, rows) in new PeerTables(Comparison.Run.Read(peers)).All()) tables.Add(name, rows);
        if (arguments.Crossover is { } crossover)
            foreach (var (name, rows) in CrossoverTables.All(CrossoverRun.Read(crossover))) tables.Add(name, rows);
        if (arguments.Variants is { } variants)
            foreach (var (name, rows) in VariantTables.All(VariantsRun.Read(variants))) tables.Add(name, rows);
        foreach (var (name, rows) in arguments.Policies.Count == 0 ? [] : PolicyTables.All([.. arguments.Policies.Select(PolicyRun.Read)]))
            tables.Add(name, rows);
        foreach (var (name, rows) in arguments.Serving is { } serving ? ServingTables.All(ServingRun.Read(serving)) : [])
            tables.Add(name, rows);
        foreach (var (name, rows) in arguments.Widths is { } widths ? WidthTables.All(WidthsRun.Read(widths)) : [])
            tables.Add(name, rows);
        var exchange = arguments.AllReduce is { } file ? AllReduceRun.Read(file) : null;
        foreach (var (name, rows) in exchange is null ? [] : ScaleTables.All(exchange)) tables.Add(name, rows);
        foreach (var page in arguments.Pages)
        {
            var before = File.ReadAllText(page);
            var after = Fill(page, before, tables);
            if (after != before) AtomicFile.Write(page, stream => stream.Write(Encoding.UTF8.GetBytes(after)));
            Console.WriteLine($"{page}: {(after == before ? "as before" : "filled")}");
        }

        // The charts of docs/scale.md lie beside its measurement.
        if (exchange is not null)
            foreach (var (name, chinese) in ((string, bool)[])[("efficiency.svg", false), ("efficiency.zh-CN.svg", true)])
                SvgFile.Save(Path.Combine(Path.GetDirectoryName(arguments.AllReduce)!, name), ScaleTables.Chart(exchange, chinese));
        return 0;
    }

    private static string Fill(string page, string text, Dictionary<string, IReadOnlyList<string[]>> tables)
    {
        try
        {
            return MarkedPage.Fill(page, text, tables.GetValueOrDefault, value: null, shared: true);
        }
        catch (FileFormatException wrong)
        {
            throw new UsageException(wrong.Message, wrong);
        }
    }
}
