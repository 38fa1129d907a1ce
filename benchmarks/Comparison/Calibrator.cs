using System.Diagnostics;
using CrossModal.Benchmarks.Kernels;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Measures how disturbed the machine is right now: times a fixed job of multiply-adds in registers, on one thread or on several
/// at once.</summary>
/// <remarks>Virtual processors may be packed on one core, or stolen from; then the job takes longer, however the kernel accounts for
/// it.</remarks>
internal sealed class Calibrator
{
    private const int Iterations = 40_000;
    private const int WarmUps = 2;
    private const int Jobs = 9;
    private const int JobsAtStart = 300;

    /// <summary>Floating-point operations of one job on one thread.</summary>
    public static double Flops => MultiplyAddPeak.FlopsPerIteration * Iterations;

    private readonly IDictionary<int, double> _best;

    /// <summary>Goes on with what an earlier run measured at best, and measures again.</summary>
    /// <param name="best">Nanoseconds of the job at its shortest, by thread count; kept up to date.</param>
    /// <param name="threads">Thread counts to measure now.</param>
    public Calibrator(IDictionary<int, double> best, IEnumerable<int> threads)
    {
        _best = best;
        foreach (var count in threads) Note(count, Times(count, JobsAtStart).Min());
    }

    /// <summary>Whether a time of the job, taken on a number of threads, is too long to trust what was measured beside it.</summary>
    /// <remarks>Against the best on as many threads: where two processors always share a core, that is how this machine is.</remarks>
    public bool Disturbed(double nanoseconds, int threads) => nanoseconds > Kept.Tolerance * _best[threads];

    /// <summary>Nanoseconds of the job now, of the slowest of the threads; the median of a few.</summary>
    public double Sample(int threads)
    {
        var median = Spread.MedianOf(Times(threads, Jobs));
        Note(threads, median);
        return median;
    }

    private void Note(int threads, double nanoseconds) =>
        _best[threads] = _best.TryGetValue(threads, out var best) ? Math.Min(best, nanoseconds) : nanoseconds;

    private static double[] Times(int threads, int jobs)
    {
        var times = new double[threads][];
        var arrived = 0;
        void Work(int id)
        {
            times[id] = new double[jobs];
            for (var i = 0; i < jobs + WarmUps; i++)
            {
                // All threads begin each job together, so that they compete if they have to.
                Interlocked.Increment(ref arrived);
                while (Volatile.Read(ref arrived) < threads * (i + 1)) Thread.SpinWait(1);
                var start = Stopwatch.GetTimestamp();
                MultiplyAddPeak.Multiply(Iterations);
                if (i >= WarmUps) times[id][i - WarmUps] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            }
        }

        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(id => new Thread(() => Work(id)) { IsBackground = true })];
        foreach (var other in others) other.Start();
        Work(0);
        foreach (var other in others) other.Join();
        return [.. Enumerable.Range(0, jobs).Select(i => times.Max(t => t[i]))];
    }
}
