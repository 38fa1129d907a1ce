using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Comparison;
using CrossModal.Benchmarks.Frames;
using CrossModal.Benchmarks.Kernels;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class ArgumentTests
{
    [Fact]
    public void Peers_reads_all_its_options()
    {
        var file = Path.Combine(Path.GetTempPath(), "run.json");
        var read = PeersArguments.Parse(["--rounds", "3", "--threads", "1,2", "--only", "layers,net4", "--cases", "a,c", "--json", file,
            "--chart", "chart.svg"]);
        Assert.Equal(3, read.Rounds);
        Assert.Equal([1, 2], read.Threads);
        Assert.Equal(["layers", "net4"], read.Groups);
        Assert.Equal(["a", "c"], read.Cases);
        Assert.Equal((file, "chart.svg"), (read.Json, read.Chart));
        Assert.Equal(Plan.Groups, PeersArguments.Parse([]).Groups);
    }

    [Theory]
    [InlineData("'--rounds' has no value", "--rounds")]
    [InlineData("--rounds: '0' is not a number from 1 to 1000", "--rounds", "0")]
    [InlineData("--threads: 'two' is not a number from 1 to 1024", "--threads", "1,two")]
    [InlineData("--only: 'layer' is not one of", "--only", "layer")]
    [InlineData("nothing fits --only and --cases together", "--only", "gemm", "--cases", "a")]
    [InlineData("--json: the folder of", "--json", "no/such/folder/run.json")]
    [InlineData("'--fast' is not known", "--fast", "1")]
    public void Peers_names_what_is_wrong(string expected, params string[] args) =>
        Assert.StartsWith(expected, Assert.Throws<UsageException>(() => PeersArguments.Parse(args)).Message);

    [Fact]
    public void Kernels_frames_and_peer_read_theirs()
    {
        Assert.Equal(7, FramesArguments.Parse(["--rounds", "7"]).Rounds);
        Assert.Throws<UsageException>(() => FramesArguments.Parse(["--rounds", "0"]));
        Assert.Throws<UsageException>(() => FramesArguments.Parse(["--threads", "2"]));
        Assert.Equal([2], KernelsArguments.Parse(["--threads", "2"]).Threads);
        Assert.Throws<UsageException>(() => KernelsArguments.Parse(["--only", "gemm"]));
        Assert.Equal(2, PeerCommand.Parse(["2"]));
        Assert.Throws<UsageException>(() => PeerCommand.Parse([]));
        Assert.Throws<UsageException>(() => PeerCommand.Parse(["0"]));
    }
}
