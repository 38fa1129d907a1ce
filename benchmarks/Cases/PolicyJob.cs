using CrossModal.Benchmarks.Policies;
using CrossModal.Engine.Kernels;
using CrossModal.Policies;

namespace CrossModal.Benchmarks.Cases;

/// <summary>One step of a compiled policy, from planes to action, the instruction set once.</summary>
internal sealed class PolicyJob : IJob
{
    private readonly PolicyRunner _runner;
    private readonly float[] _expected;

    /// <summary>Compiles the example of a strategy.</summary>
    public PolicyJob(string strategy, Workers workers)
    {
        var example = new PolicyExample(strategy);
        _expected = example.Expected();
        _runner = example.Compile(workers);
        example.Images.Span.CopyTo(_runner.Images.Span);
        example.State.Span.CopyTo(_runner.States!.Span);
    }

    /// <inheritdoc/>
    public void Call() => _runner.Run();

    /// <inheritdoc/>
    public double MaxError()
    {
        Call();
        var output = _runner.Plan.Output;
        float[] actual = [.. output.Action.Span, .. output.Close!.Span];
        return _expected.Zip(actual).Max(pair => Math.Abs((double)pair.First - pair.Second));
    }
}
