namespace CrossModal.Benchmarks.Cases;

/// <summary>Managed bytes that one call of a job allocates, on all threads together, rounded up.</summary>
internal sealed class AllocationCase : IPeerCase
{
    private const int WarmUpCalls = 60;
    private const int CallsTogether = 50;

    private readonly IJob _job;

    /// <summary>Checks and warms up.</summary>
    public AllocationCase(IJob job)
    {
        Checked.Error(job);
        _job = job;
        for (var i = 0; i < WarmUpCalls; i++) job.Call();
    }

    /// <inheritdoc/>
    public long[] Measure(int count) => [.. Enumerable.Range(0, count).Select(_ => Allocated())];

    private long Allocated()
    {
        // Once for nothing: asking for the exact total has itself been seen to allocate the first time.
        GC.GetTotalAllocatedBytes(precise: true);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < CallsTogether; i++) _job.Call();
        return (GC.GetTotalAllocatedBytes(precise: true) - before + CallsTogether - 1) / CallsTogether;
    }
}
