using BenchmarkDotNet.Attributes;
using CrossModal.Benchmarks.Cases;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Suites;

/// <summary>The matrix products that are also compared with other engines.</summary>
/// <remarks>Not sealed: BenchmarkDotNet derives from it.</remarks>
[MemoryDiagnoser]
public class MatrixBenchmarks
{
    private Workers _workers = Workers.Single;
    private ProductJob _constant = null!;
    private ProductJob _dynamic = null!;

    /// <summary>Names of the sizes.</summary>
    public static IEnumerable<string> Sizes => ProductSize.All.Select(s => s.Name);

    /// <summary>M x N x K.</summary>
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
        _constant = new ProductJob(ProductSize.Parse(Size), constant: true, _workers);
        _dynamic = new ProductJob(ProductSize.Parse(Size), constant: false, _workers);
    }

    /// <summary>Ends the threads.</summary>
    [GlobalCleanup]
    public void End() => _workers.Dispose();

    /// <summary>B is known beforehand and prepared once.</summary>
    [Benchmark(Baseline = true)]
    public void ConstantB() => _constant.Call();

    /// <summary>B is new each time.</summary>
    [Benchmark]
    public void DynamicB() => _dynamic.Call();
}
