namespace CrossModal.Benchmarks.Comparison;

/// <summary>One answer of a peer, with what the calibrator saw around it.</summary>
/// <param name="Round">Round it was taken in, from 0.</param>
/// <param name="Threads">Threads it was taken on.</param>
/// <param name="Measure">Key of what was measured.</param>
/// <param name="Entry">Key of who measured it.</param>
/// <param name="Before">Nanoseconds of the calibrator's job just before.</param>
/// <param name="After">Nanoseconds of the calibrator's job just after.</param>
/// <param name="Median">Median of the answer, nanoseconds.</param>
/// <param name="Best">The smallest of the answer, nanoseconds.</param>
/// <param name="Repetitions">How many numbers the answer had.</param>
internal sealed record Sample(int Round, int Threads, string Measure, string Entry, double Before, double After, double Median, double Best,
    int Repetitions)
{
    /// <summary>Time of the answer over the processor time it was given, at least 1: other programs run in the difference.</summary>
    public double Waited { get; init; } = 1;

    /// <summary>The slower of the calibrator's two, longer by as much as the peer had to wait.</summary>
    public double Disturbance => Waited * Math.Max(Before, After);
}
