using CrossModal.Benchmarks.Cases;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Tests.Cases;

/// <summary>Alone: what other tests allocate meanwhile would be counted.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class PeerCasesTests
{
    private readonly StringWriter _log = new();

    [Fact]
    public void A_case_checks_itself_says_how_far_off_it_was_and_times_as_often_as_asked()
    {
        var times = Cases().Make("gemm:3x4x5").Measure(7);
        Assert.Equal(7, times.Length);
        Assert.All(times, t => Assert.True(t >= 0));
        Assert.Matches(@"^# ours gemm:3x4x5 max err \d\.\d\dE-0", _log.ToString());
    }

    [Fact]
    public void Products_on_one_thread_allocate_nothing() => Assert.Equal(0, Cases().Make("alloc:gemm:3x4x5").Measure(5).Min());

    [Fact]
    public void Errors_come_in_billionths() => Assert.InRange(Assert.Single(Cases().Make("error:gemm:30x40x50").Measure(1)), 1, 10_000);

    [Theory]
    [InlineData("gemm")]
    [InlineData("auto:z")]
    [InlineData("fast:a")]
    [InlineData("long:1000")]
    [InlineData("memory:x")]
    public void What_is_not_a_case_is_refused(string name) => Assert.Throws<ArgumentException>(() => Cases().Make(name));

    private PeerCases Cases() => new(new SharedInputs(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))), Workers.Single,
        _log);
}
