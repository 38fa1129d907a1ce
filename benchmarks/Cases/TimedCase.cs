using System.Diagnostics;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Times a job: checked first, compiled next, then two unmeasured calls before every measurement.</summary>
internal sealed class TimedCase : IPeerCase
{
    // The runtime compiles a method anew after 30 calls and a pause of 100 ms.
    private const int WarmUpCalls = 60;
    private const double WarmUpMilliseconds = 250;
    private const int CallsBeforeEach = 2;

    private readonly IJob _job;

    /// <summary>Checks and warms up.</summary>
    /// <exception cref="InvalidDataException">The job's result is wrong.</exception>
    public TimedCase(IJob job)
    {
        _job = job;
        MaxError = Checked.Error(job);
        var start = Stopwatch.GetTimestamp();
        for (var done = 0; done < WarmUpCalls || Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds; done++) job.Call();
    }

    /// <summary>How far the result was from float64.</summary>
    public double MaxError { get; }

    /// <inheritdoc/>
    public long[] Measure(int count)
    {
        for (var i = 0; i < CallsBeforeEach; i++) _job.Call();
        var times = new long[count];
        foreach (ref var time in times.AsSpan())
        {
            var start = Stopwatch.GetTimestamp();
            _job.Call();
            time = (long)((Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency));
        }

        return times;
    }
}
