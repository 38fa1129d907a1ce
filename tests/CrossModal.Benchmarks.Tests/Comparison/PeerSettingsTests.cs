using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Comparison;
using CrossModal.Benchmarks.Tests.Cases;

namespace CrossModal.Benchmarks.Tests.Comparison;

[Collection(nameof(Alone))]
public sealed class PeerSettingsTests
{
    [Fact]
    public void What_would_bend_a_peer_is_named_and_taken_from_its_environment()
    {
        const string name = "OPENBLAS_CORETYPE";
        var before = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, "Prescott");
        try
        {
            Assert.Contains((name, "Prescott"), PeerSettings.Set);
            var start = Installation.Find(new SharedInputs(Path.GetTempPath())).Start(Plan.OnnxRuntime, 3);
            Assert.False(start.Environment.ContainsKey(name));
            Assert.Equal(["peer-ort", "3"], start.ArgumentList.TakeLast(2));
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, before);
        }
    }
}
