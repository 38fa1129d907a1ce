using System.Globalization;
using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Benchmarks.Policies;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>What ONNX Runtime answers to: <c>gemm:MxNxK</c> (B constant), <c>gemmdyn:MxNxK</c>, layers and networks such as <c>plain:a</c>
/// and
/// <c>absorb:net4_a</c>, and policies such as <c>policy-plain:cross-attention</c>.</summary>
internal sealed class OnnxCases(SharedInputs inputs, int threads, TextWriter log)
{
    private const string FourBlocks = "net4_";
    private const string PolicyKind = "policy-";

    /// <summary>Prepares a case; its error goes to the log.</summary>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    /// <exception cref="InvalidDataException">Its result is wrong.</exception>
    public IPeerCase Make(string name)
    {
        var words = name.Split(':');
        if (words.Length != 2) throw new ArgumentException($"'{name}' is not a case like plain:a");
        var (kind, rest) = (words[0], words[1]);
        var timed = new TimedCase(kind is "gemm" or "gemmdyn" ? Product(ProductSize.Parse(rest), kind == "gemm")
            : kind.StartsWith(PolicyKind, StringComparison.Ordinal) ? PolicyJob(kind[PolicyKind.Length..], rest) : Layer(kind, rest));
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# ort {name} max err {timed.MaxError:E2}"));
        return timed;
    }

    private OnnxJob Layer(string kind, string name)
    {
        var four = name.StartsWith(FourBlocks, StringComparison.Ordinal);
        var shape = LayerShape.Named(four ? name[FourBlocks.Length..] : name);
        var read = inputs.Read(four ? Network.FourBlocks(shape) : Network.Layer(shape));
        int[] words = [shape.Batch, shape.Words, shape.Width], visuals = [shape.Batch, shape.Visuals, shape.Width];
        var session = new OnnxSession(LayerGraphs.Model(kind, read), threads, [("L", read.Words, words), ("V", read.Visuals, visuals)],
            ("Y", words));
        return new OnnxJob(session, output => read.MaxError(output));
    }

    private OnnxJob PolicyJob(string kind, string strategy)
    {
        var example = new PolicyExample(strategy);
        var (model, state) = (PolicyGraph.Model(kind, example), example.State);
        var expected = example.Expected();
        var session = new OnnxSession(model, threads,
            [("images", example.Images.Span.ToArray(), [1, 3, example.ImageSize, example.ImageSize]), ("state", state.Span.ToArray(), [1,
                state.Shape[1]])],
            ("Y", [1, expected.Length]));
        return new OnnxJob(session, output => expected.Zip(output).Max(pair => Math.Abs((double)pair.First - pair.Second)));
    }

    /// <summary>A constant B is packed beforehand by ONNX Runtime; a batch has inputs only.</summary>
    private OnnxJob Product(ProductSize size, bool constant)
    {
        var (m, n, k, batch) = size;
        var (a, b) = (KernelCases.Values(1, batch * m * k), KernelCases.Values(2, batch * k * n));
        int[] Shape(int rows, int columns) => batch == 1 ? [rows, columns] : [batch, rows, columns];
        var graph = new OnnxGraph(17);
        graph.Input("A", Shape(m, k));
        constant &= batch == 1;
        if (!constant) graph.Input("B", Shape(k, n));
        graph.Output(graph.MatMul("A", constant ? graph.Constant(b, k, n) : "B"), "C", Shape(m, n));
        List<(string, float[], int[])> operands = [("A", a, Shape(m, k))];
        if (!constant) operands.Add(("B", b, Shape(k, n)));
        return new OnnxJob(new OnnxSession(graph.ToBytes(), threads, operands, ("C", Shape(m, n))), c => ProductJob.MaxError(size, a, b,
            c));
    }
}
