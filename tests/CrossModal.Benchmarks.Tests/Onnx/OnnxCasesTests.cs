using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Onnx;
using CrossModal.Benchmarks.Policies;

namespace CrossModal.Benchmarks.Tests.Onnx;

public sealed class OnnxCasesTests
{
    private static readonly LayerShape Shape = new("t", 2, 3, 5, 8, 2);

    [Theory]
    [InlineData("plain")]
    [InlineData("gemm2d")]
    [InlineData("mha")]
    [InlineData("attn23")]
    [InlineData("absorb")]
    public void Every_kind_of_graph_computes_what_was_computed_in_float64(string kind)
    {
        foreach (var network in (Network[])[Network.Layer(Shape), Network.FourBlocks(Shape)])
        {
            var inputs = NetworkInputs.Draw(network);
            using var session = new OnnxSession(LayerGraphs.Model(kind, inputs), 1, [("L", inputs.Words, [2, 3, 8]), ("V",
                inputs.Visuals, [2, 5, 8])], ("Y", [2, 3, 8]));
            session.Run();
            Assert.InRange(inputs.MaxError(session.Output), 1e-9, 1e-5);
        }
    }

    [Theory]
    [InlineData("gemm:3x4x5")]
    [InlineData("gemmdyn:3x4x5")]
    [InlineData("gemm:3x4x5b2")]
    public void Products_check_themselves_and_are_timed_as_often_as_asked(string name)
    {
        var log = new StringWriter();
        Assert.Equal(3, Cases(log).Make(name).Measure(3).Length);
        Assert.StartsWith($"# ort {name} max err ", log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("mha")]
    [InlineData("attn23")]
    public void The_graph_of_the_policy_acts_like_the_policy(string kind)
    {
        var example = new PolicyExample("cross-attention", layers: 2);
        var (expected, size) = (example.Expected(), example.ImageSize);
        using var session = new OnnxSession(PolicyGraph.Model(kind, example), 1,
            [("images", example.Images.Span.ToArray(), [1, 3, size, size]), ("state", example.State.Span.ToArray(), [1,
                example.State.Shape[1]])], ("Y", [1, expected.Length]));
        session.Run();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], session.Output[i], 1e-5f);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("fast:a")]
    [InlineData("policy-plain:concat-pooled")]
    public void What_is_not_a_case_is_refused(string name) => Assert.Throws<ArgumentException>(() => Cases(TextWriter.Null).Make(name));

    private static OnnxCases Cases(TextWriter log) => new(new SharedInputs(Path.Combine(Path.GetTempPath(),
        Guid.NewGuid().ToString("N"))), 1, log);
}
