using System.Diagnostics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Kernels;

/// <summary>Measures cases in turn, round after round, each right after a sample of the peak: a slow second of a shared machine hits
/// both.</summary>
internal static class Measuring
{
    private const int Rounds = 21;

    // The runtime compiles a method anew after 30 calls and a pause of 100 ms.
    private const int WarmUpCalls = 60;
    private const double WarmUpMilliseconds = 250;
    private const double SampleMilliseconds = 4;

    /// <summary>The peak first, then every case.</summary>
    public static IReadOnlyList<Measurement> Run(int threads, IReadOnlyList<KernelCase> cases)
    {
        using var workers = new Workers(threads);
        var peak = MultiplyAddPeak.Case(threads);
        var peakCalls = WarmUp(peak, workers);
        var calls = cases.Select(c => WarmUp(c, workers)).ToArray();
        var peaks = new List<double>();
        var times = cases.Select(_ => new double[Rounds]).ToArray();
        var shares = cases.Select(_ => new double[Rounds]).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < cases.Count; i++)
            {
                var atPeak = Sample(peak, peakCalls, workers);
                peaks.Add(atPeak);
                times[i][round] = Sample(cases[i], calls[i], workers);
                shares[i][round] = cases[i].Flops / times[i][round] / (peak.Flops / atPeak);
            }
        }

        return [Summary(peak, threads, [.. peaks], 1), .. cases.Select((c, i) => Summary(c, threads, times[i], Median(shares[i])))];
    }

    private static Measurement Summary(KernelCase measured, int threads, double[] microseconds, double share)
    {
        var (median, best) = (Median(microseconds), microseconds.Min());
        return new(measured.Name, threads, median, best, measured.Flops / median / 1e3, measured.Flops / best / 1e3, share);
    }

    /// <summary>Calls until everything is compiled; returns how many calls make a sample.</summary>
    private static int WarmUp(KernelCase measured, Workers workers)
    {
        var start = Stopwatch.GetTimestamp();
        var done = 0;
        while (done < WarmUpCalls || Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds)
        {
            measured.Call(workers);
            done++;
        }

        return (int)Math.Max(1, SampleMilliseconds * 1e3 / Sample(measured, Math.Max(1, done / 10), workers));
    }

    /// <summary>Microseconds of one call, mean over <paramref name="calls"/> calls in a row.</summary>
    private static double Sample(KernelCase measured, int calls, Workers workers)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++) measured.Call(workers);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
