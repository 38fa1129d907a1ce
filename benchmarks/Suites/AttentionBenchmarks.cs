using BenchmarkDotNet.Attributes;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Suites;

/// <summary>The attention kernel, forward and backward, at the sizes of the kernels' measurement.</summary>
/// <remarks>Not sealed: BenchmarkDotNet derives from it.</remarks>
[MemoryDiagnoser]
public class AttentionBenchmarks
{
    private Workers _workers = Workers.Single;
    private KernelCase _forward = null!;
    private KernelCase _backward = null!;

    /// <summary>The sizes.</summary>
    public static IEnumerable<string> Sizes => KernelCases.AttentionSizes.Select(s => s.ToString());

    /// <summary>B batch, N tokens, H heads, D width of a head.</summary>
    [ParamsSource(nameof(Sizes))]
    public string Size { get; set; } = "";

    /// <summary>Threads.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Draws operands.</summary>
    [GlobalSetup]
    public void Start()
    {
        _workers = new Workers(Threads);
        (_forward, _backward) = KernelCases.Attention(KernelCases.AttentionSizes.Single(s => s.ToString() == Size));
    }

    /// <summary>Ends the threads.</summary>
    [GlobalCleanup]
    public void End() => _workers.Dispose();

    /// <summary>Weights and mixture.</summary>
    [Benchmark(Baseline = true)]
    public void Forward() => _forward.Call(_workers);

    /// <summary>Gradients of queries, keys and values.</summary>
    [Benchmark]
    public void Backward() => _backward.Call(_workers);
}
