namespace CrossModal.Benchmarks.Cases;

/// <summary>The largest error of a job against float64, in units of 1e-9.</summary>
internal sealed class ErrorCase(IJob job) : IPeerCase
{
    /// <summary>One unit.</summary>
    public const double Unit = 1e-9;

    /// <inheritdoc/>
    public long[] Measure(int count) => [.. Enumerable.Range(0, count).Select(_ => (long)Math.Ceiling(Checked.Error(job) / Unit))];
}
