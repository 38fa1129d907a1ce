using BenchmarkDotNet.Attributes;
using CrossModal.Benchmarks.Cases;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Fusion;

namespace CrossModal.Benchmarks.Suites;

/// <summary>One cross-attention layer, in every way our engine runs it.</summary>
/// <remarks>Not sealed: BenchmarkDotNet derives from it.</remarks>
[MemoryDiagnoser]
public class LayerBenchmarks
{
    private readonly Dictionary<string, FrameJob> _jobs = [];
    private Workers _workers = Workers.Single;
    private FusionStrategy _model = null!;
    private Tokens _words = null!;
    private Tokens _visuals = null!;

    /// <summary>Names of the layers.</summary>
    public static IEnumerable<string> Names => LayerShape.Layers.Select(l => l.Name);

    /// <summary>The layer.</summary>
    [ParamsSource(nameof(Names))]
    public string Layer { get; set; } = "";

    /// <summary>Threads.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Draws inputs and compiles.</summary>
    [GlobalSetup]
    public void Start()
    {
        var shape = LayerShape.Named(Layer);
        var inputs = NetworkInputs.Draw(Network.Layer(shape));
        _workers = new Workers(Threads);
        _model = SharedModel.Make(inputs);
        (_words, _visuals) = (SharedModel.Tokens(inputs.Words, shape.Batch, shape.Width),
            SharedModel.Tokens(inputs.Visuals, shape.Batch, shape.Width));
        foreach (var association in Enum.GetValues<Association>())
            _jobs[association.ToString()] = new(inputs, association, cached: false, _workers);
        _jobs["Cached"] = new(inputs, Association.Cheaper, cached: true, _workers);
    }

    /// <summary>Ends the threads.</summary>
    [GlobalCleanup]
    public void End() => _workers.Dispose();

    /// <summary>Without compiling.</summary>
    [Benchmark]
    public float Eager()
    {
        using var pass = Pass.Evaluation(workers: _workers);
        return _model.Forward(_words, _visuals, pass).Fused.Values.Span[0];
    }

    /// <summary>Every visual token projected.</summary>
    [Benchmark(Baseline = true)]
    public void Ordinary() => _jobs[nameof(Association.Ordinary)].Call();

    /// <summary>Projections absorbed into the queries.</summary>
    [Benchmark]
    public void Absorbed() => _jobs[nameof(Association.Absorbed)].Call();

    /// <summary>Whichever costs less.</summary>
    [Benchmark]
    public void Auto() => _jobs[nameof(Association.Cheaper)].Call();

    /// <summary>Whichever costs less, the instruction set beforehand.</summary>
    [Benchmark]
    public void Cached() => _jobs[nameof(Cached)].Call();
}
