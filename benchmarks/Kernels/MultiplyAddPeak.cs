using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Kernels;

/// <summary>What the processor can do at most in its widest vectors: multiply-adds in registers, without memory, on every thread.</summary>
internal static class MultiplyAddPeak
{
    private const int Sums = 12;
    private const int Iterations = 1_000_000;

    /// <summary>Floating-point operations of one iteration.</summary>
    public static double FlopsPerIteration =>
        Sums * 2 * (Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count);

    /// <summary>A case of about 2 ms.</summary>
    /// <param name="threads">Threads that multiply at the same time.</param>
    public static KernelCase Case(int threads) => new("peak", threads * Iterations * FlopsPerIteration, workers =>
    {
        var job = new Job();
        workers.Run(threads, ref job);
    });

    /// <summary>Multiplies and adds on the calling thread.</summary>
    public static void Multiply(int iterations)
    {
        if (float.IsNaN(Vector512.IsHardwareAccelerated ? Wide(iterations) : Narrow(iterations)))
            throw new InvalidOperationException("the sums of the peak are NaN");
    }

    private struct Job : IWorkBody
    {
        public readonly void Execute(int part) => Multiply(Iterations);
    }

    /// <summary>Twelve independent chains, as in the matrix product: enough to hide the latency of two multipliers. They tend to
    /// 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Narrow(int iterations)
    {
        var half = Vector256.Create(0.5f);
        var one = Vector256.Create(1f);
        Vector256<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        Vector256<float> c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        for (var i = 0; i < iterations; i++)
        {
            c0 = Vector256.MultiplyAddEstimate(c0, half, one);
            c1 = Vector256.MultiplyAddEstimate(c1, half, one);
            c2 = Vector256.MultiplyAddEstimate(c2, half, one);
            c3 = Vector256.MultiplyAddEstimate(c3, half, one);
            c4 = Vector256.MultiplyAddEstimate(c4, half, one);
            c5 = Vector256.MultiplyAddEstimate(c5, half, one);
            c6 = Vector256.MultiplyAddEstimate(c6, half, one);
            c7 = Vector256.MultiplyAddEstimate(c7, half, one);
            c8 = Vector256.MultiplyAddEstimate(c8, half, one);
            c9 = Vector256.MultiplyAddEstimate(c9, half, one);
            c10 = Vector256.MultiplyAddEstimate(c10, half, one);
            c11 = Vector256.MultiplyAddEstimate(c11, half, one);
        }

        return Vector256.Sum(c0 + c1 + c2 + c3 + (c4 + c5 + c6 + c7) + (c8 + c9 + c10 + c11));
    }

    /// <summary>The same chains in vectors of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Wide(int iterations)
    {
        var half = Vector512.Create(0.5f);
        var one = Vector512.Create(1f);
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        Vector512<float> c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        for (var i = 0; i < iterations; i++)
        {
            c0 = Vector512.MultiplyAddEstimate(c0, half, one);
            c1 = Vector512.MultiplyAddEstimate(c1, half, one);
            c2 = Vector512.MultiplyAddEstimate(c2, half, one);
            c3 = Vector512.MultiplyAddEstimate(c3, half, one);
            c4 = Vector512.MultiplyAddEstimate(c4, half, one);
            c5 = Vector512.MultiplyAddEstimate(c5, half, one);
            c6 = Vector512.MultiplyAddEstimate(c6, half, one);
            c7 = Vector512.MultiplyAddEstimate(c7, half, one);
            c8 = Vector512.MultiplyAddEstimate(c8, half, one);
            c9 = Vector512.MultiplyAddEstimate(c9, half, one);
            c10 = Vector512.MultiplyAddEstimate(c10, half, one);
            c11 = Vector512.MultiplyAddEstimate(c11, half, one);
        }

        return Vector512.Sum(c0 + c1 + c2 + c3 + (c4 + c5 + c6 + c7) + (c8 + c9 + c10 + c11));
    }
}
