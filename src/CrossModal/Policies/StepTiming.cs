using System.Diagnostics;

namespace CrossModal.Policies;

/// <summary>How long the parts of the last control step took.</summary>
public sealed class StepTiming
{
    private readonly long[] _ticks = new long[Enum.GetValues<StepPart>().Length];

    /// <summary>Time of a part.</summary>
    public TimeSpan this[StepPart part] => Stopwatch.GetElapsedTime(0, _ticks[(int)part]);

    /// <summary>Time of the whole step.</summary>
    public TimeSpan Total => Stopwatch.GetElapsedTime(0, _ticks.Sum());

    internal void Clear() => Array.Clear(_ticks);

    internal void Add(StepPart part, long ticks) => _ticks[(int)part] += ticks;
}
