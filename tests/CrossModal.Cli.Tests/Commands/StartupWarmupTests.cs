using CrossModal.Cli.Commands;

namespace CrossModal.Cli.Tests.Commands;

public sealed class StartupWarmupTests
{
    [Fact]
    public void It_runs_to_its_end() => StartupWarmup.Run();
}
