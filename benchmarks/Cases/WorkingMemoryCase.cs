using System.Diagnostics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Bytes of memory that frames over very many visual tokens need beyond the tokens and the weights, packed copies of weights
/// included.</summary>
/// <remarks>The peak of the process' working set while frames run, less its working set before the model was compiled. Ask a fresh process:
/// memory that earlier cases left behind would be taken for free.</remarks>
internal sealed class WorkingMemoryCase(int tokens, Workers workers) : IPeerCase
{
    private const int Frames = 3;
    private readonly int _repeats = LongInput.Repeats(tokens);

    /// <inheritdoc/>
    public long[] Measure(int count) => [.. Enumerable.Range(0, count).Select(_ => Measured())];

    private long Measured()
    {
        var inputs = LongInput.Inputs();
        var model = SharedModel.Make(inputs);

        // Compiles the code and starts the threads, so that neither counts.
        var small = new FrameJob(inputs, model, FrameJob.Repeated(inputs, 1), Association.Cheaper, cached: true, workers);
        for (var i = 0; i < Frames; i++) small.Call();
        var visuals = FrameJob.Repeated(inputs, _repeats);
        Settle();
        var before = Current();
        var job = new FrameJob(inputs, model, visuals, Association.Cheaper, cached: true, workers);
        Settle();
        ResetPeak();
        for (var i = 0; i < Frames; i++) job.Call();
        var peak = Peak();
        Checked.Error(job);
        GC.KeepAlive(visuals);
        return Math.Max(0, peak - before);
    }

    private static void Settle() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static long Current()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    // Only Linux can; elsewhere the peak includes compiling, and the figure is an upper bound.
    private static void ResetPeak()
    {
        if (OperatingSystem.IsLinux()) File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
