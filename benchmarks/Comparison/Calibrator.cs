using System.Diagnostics;
using CrossModal.Benchmarks.Kernels;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Tells how disturbed the machine is right now: times a fixed job of multiply-adds in registers, on one thread or on several at once.</summary>
/// <remarks>Virtual processors may be packed on one core, or stolen from; then the job takes longer, however the kernel accounts for it.</remarks>
internal sealed class Calibrator
{
    private const int Iterations = 40_000;
    private const int WarmUps = 2;
    private const int Jobs = 9;
    private const int JobsAtStart = 300;

    /// <summary>Floating-point operations of one job on one thread.</summary>
    public const double Flops = MultiplyAddPeak.FlopsPerIteration * Iterations;

    /// <summary>The shortest the job has taken, nanoseconds.</summary>
    public double Best { get; private set; }

    /// <summary>Starts with what an earlier run saw at best, and looks anew.</summary>
    public Calibrator(double? best)
    {
        Best = best ?? double.PositiveInfinity;
        Best = Math.Min(Best, Times(1, JobsAtStart).Min());
    }

    /// <summary>Nanoseconds of the job now, of the slowest of the threads; the median of a few.</summary>
    public double Sample(int threads)
    {
        var median = Spread.MedianOf(Times(threads, Jobs));
        Best = Math.Min(Best, median);
        return median;
    }

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
