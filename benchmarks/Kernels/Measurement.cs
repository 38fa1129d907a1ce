namespace CrossModal.Benchmarks.Kernels;

/// <summary>What was measured for one case.</summary>
/// <param name="Name">Kernel and size.</param>
/// <param name="Threads">Threads of the pool.</param>
/// <param name="MedianMicroseconds">Time of one call, median over the rounds.</param>
/// <param name="BestMicroseconds">Time of one call in the best round.</param>
/// <param name="MedianGflops">GFLOP/s, median over the rounds.</param>
/// <param name="BestGflops">GFLOP/s in the best round.</param>
/// <param name="ShareOfPeak">GFLOP/s over those of the peak sampled just before, median over the rounds.</param>
internal sealed record Measurement(
    string Name, int Threads, double MedianMicroseconds, double BestMicroseconds, double MedianGflops, double BestGflops,
        double ShareOfPeak);
