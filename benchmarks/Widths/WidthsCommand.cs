using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using CrossModal.Benchmarks.Comparison;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Widths;

/// <summary>Measures kernels with vectors of 256 and of 512 bits in turn: one process for each, asked round after round.</summary>
internal static class WidthsCommand
{
    private const int Samples = 5;

    /// <summary>Measures and prints.</summary>
    /// <exception cref="UsageException">The machine has no vectors of 512 bits, or no case is meant.</exception>
    public static int Run(WidthsArguments arguments)
    {
        if (!Vector512.IsHardwareAccelerated) throw new UsageException("widths: this machine has no vectors of 512 bits");
        WidthCase[] cases = [.. WidthCases.All().Where(c =>
            arguments.Only.Count == 0 || arguments.Only.Any(name => c.Name.StartsWith(name, StringComparison.Ordinal)))];
        if (cases.Length == 0) throw new UsageException("--only: no case begins so");
        var program = typeof(WidthsCommand).Assembly.Location;
        Console.WriteLine($"{Machine.Line}; 1 thread, medians of {arguments.Rounds} rounds, microseconds a call");
        Console.WriteLine(
            $"{"kernel",-40}{"256 bits",10}{"512 bits",10}{"ratio",8}{"bytes",10}{"products",10}{"of floor",10}{"beside",10}{"ratio",8}");
        using var narrow = Start("256 bits", program, "0");
        using var wide = Start("512 bits", program, "1");
        using var beside = arguments.Beside is { } other ? Start("the other build", other, "1") : null;
        var rows = cases.Select(c => Measure(c, arguments.Rounds, narrow, wide, beside)).ToList();
        if (arguments.Json is { } file) new WidthsRun(Machine.Line, rows).Save(file);
        return 0;
    }

    private static WidthRow Measure(WidthCase measured, int rounds, PeerProcess narrow, PeerProcess wide, PeerProcess? beside)
    {
        var (slow, fast, others, peaks, bytes) = (new double[rounds], new double[rounds], new double[rounds], new double[rounds],
            new double[rounds]);
        for (var round = 0; round < rounds; round++)
        {
            slow[round] = Best(narrow, measured.Name);
            fast[round] = Best(wide, measured.Name);
            if (beside is not null) others[round] = Known(beside, measured.Name);
            peaks[round] = Best(wide, WidthChild.Peak);
            bytes[round] = Best(wide, WidthChild.Bytes + measured.Name);
        }

        var flops = WidthChild.PeakIterations * MultiplyAddPeak.FlopsPerIteration / Median(peaks);
        var row = new WidthRow(measured.Name, Median(slow), Median(fast), Median([.. slow.Zip(fast, (a, b) => a / b)]), Median(bytes),
            measured.Flops / flops, beside is null || double.IsNaN(others[0]) ? null : Median(others));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{row.Name,-40}{row.Narrow,10:F2}{row.Wide,10:F2}{row.Ratio,7:F2}×")
            + string.Create(CultureInfo.InvariantCulture, $"{row.Bytes,10:F2}{row.Arithmetic,10:F2}{row.Wide / row.Floor,9:F2}×")
            + (row.Beside is null ? "" : string.Create(CultureInfo.InvariantCulture,
                $"{row.Beside,10:F2}{Median([.. others.Zip(fast, (a, b) => a / b)]),7:F2}×")));
        return row;
    }

    /// <summary>Microseconds of a call in the best of a few samples.</summary>
    private static double Best(PeerProcess process, string name) => process.Ask(name, Samples).Min() / 1e6;

    /// <summary>NaN for a case that another build does not have.</summary>
    private static double Known(PeerProcess process, string name)
    {
        try
        {
            return Best(process, name);
        }
        catch (PeerException wrong) when (!wrong.Gone)
        {
            return double.NaN;
        }
    }

    private static PeerProcess Start(string name, string program, string wide)
    {
        // Under "dotnet run" the process is our own program, which has no other build beside it: always through dotnet.
        var own = Environment.ProcessPath!;
        var start = new ProcessStartInfo(Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet", [program, WidthChild.Name]);
        start.Environment["DOTNET_EnableAVX512"] = wide;
        return new PeerProcess(name, start);
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
