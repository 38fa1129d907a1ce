using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Onnx.Tests;

/// <summary>Every operation has a mapping that gives what the operation gives.</summary>
public sealed class OperationTests
{
    private static readonly Dictionary<string, (Shape[] Inputs, Func<Pass, Tensor[], Tensor> Apply)> Cases = new()
    {
        ["sub"] = ([[2, 3], [3]], (pass, x) => pass.Subtract(x[0], x[1])),
        ["div"] = ([[2, 3], [2, 1]], (pass, x) => pass.Divide(x[0], pass.Scale(pass.Square(x[1]), 1, 1))),
        ["scale"] = ([[2, 3]], (pass, x) => pass.Scale(x[0], -2, 0.5f)),
        ["sigmoid"] = ([[2, 3]], (pass, x) => pass.Sigmoid(x[0])),
        ["silu"] = ([[2, 3]], (pass, x) => pass.Silu(x[0])),
        ["elu"] = ([[2, 3]], (pass, x) => pass.Elu(x[0])),
        ["gelu"] = ([[4, 30]], (pass, x) => pass.Gelu(x[0])),
        ["gelu, tanh"] = ([[4, 30]], (pass, x) => pass.GeluTanh(x[0])),
        ["gelu, quick"] = ([[4, 30]], (pass, x) => pass.QuickGelu(x[0])),
        ["sqrt, log"] = ([[2, 3]], (pass, x) => pass.Log(pass.Sqrt(pass.Exp(x[0])))),
        ["softmax of an inner axis"] = ([[2, 3, 4]], (pass, x) => pass.Softmax(x[0], 1)),
        ["softmax of −∞"] = ([[2, 3]], (pass, x) => pass.Softmax(pass.Log(pass.Relu(x[0])))),
        ["log softmax"] = ([[2, 3, 4]], (pass, x) => pass.LogSoftmax(x[0])),
        ["layer norm, alone"] = ([[2, 3, 8]], (pass, x) => pass.LayerNorm(x[0])),
        ["layer norm, scaled"] = ([[2, 3, 8], [8]], (pass, x) => pass.LayerNorm(x[0], x[1])),
        ["rms norm of groups"] = ([[2, 3, 8], [4]], (pass, x) => pass.RmsNorm(x[0], x[1])),
        ["l2 norm"] = ([[2, 3, 8]], (pass, x) => pass.L2Normalize(x[0])),
        ["sum of all"] = ([[2, 3, 4]], (pass, x) => pass.Sum(x[0])),
        ["mean, axis kept"] = ([[2, 3, 4]], (pass, x) => pass.Mean(x[0], 1, keepAxis: true)),
        ["max"] = ([[2, 3, 4]], (pass, x) => pass.Max(x[0], -1)),
        ["matmul, both transposed"] = ([[2, 4, 3], [2, 5, 4]], (pass, x) => pass.MatMul(x[0], x[1], transposeA: true, transposeB: true)),
        ["matmul, a batch of one shared"] = ([[1, 1, 3, 4], [2, 4, 5]], (pass, x) => pass.MatMul(x[0], x[1])),
        ["linear of a vector"] = ([[4], [3, 4], [3]], (pass, x) => pass.Linear(x[0], x[1], x[2])),
        ["concat, slice"] = ([[2, 3], [2, 5]], (pass, x) => pass.Slice(pass.Concat(-1, x[0], x[1]), -1, 2, 4)),
        ["convolution"] = ([[2, 3, 7, 9], [4, 3, 3, 3], [4]], (pass, x) => pass.Conv2d(x[0], x[1], x[2], stride: 2, padding: 1)),
        ["average of tokens"] = ([[2, 7, 3]], (pass, x) => pass.AvgPool1d(x[0], 3)),
        ["average pool"] = ([[2, 3, 7, 9]], (pass, x) => pass.AvgPool2d(x[0], 3, 2)),
        ["adaptive pool"] = ([[2, 3, 8, 6]], (pass, x) => pass.AdaptiveAvgPool2d(x[0], 4, 2)),
        ["resize, nearest"] = ([[1, 2, 4, 5]], (pass, x) => pass.Resize(x[0], 7, 3, ResizeMode.Nearest)),
        ["resize, bilinear"] = ([[1, 2, 4, 5]], (pass, x) => pass.Resize(x[0], 7, 9, ResizeMode.Bilinear)),
        ["resize, corners"] = ([[1, 2, 4, 5]], (pass, x) => pass.Resize(x[0], 7, 9, ResizeMode.BilinearCorners)),
        ["attention, narrow values"] = ([[2, 3, 8], [2, 5, 8], [2, 5, 4]], (pass, x) =>
            pass.Attention(x[0], x[1], x[2], 2, options: new AttendingOptions { Scale = 0.7f }).Result),
        ["graph attention without a window"] = ([[2, 3, 2], [2, 5, 2], [2, 5, 8]], (pass, x) =>
            pass.GraphAttention(x[0], x[1], x[2]).Result),
        ["blocks, words before"] = ([[2, 3, 8], [2, 25, 8], [2, 25, 8]], (pass, x) =>
            pass.BlockSparseAttention(x[0], x[1], x[2], 2, new KeyBlocks(2, 5, 3)).Result),
        ["a window around the strongest"] = ([[2, 3, 8], [2, 14, 8], [2, 14, 8]],
            (pass, x) => pass.LocalAttention(x[0], x[1], x[2], 2, new LocalWindow(new KeyLayout(2, 3, 4), 1, Own: false)).Result),
    };

    public static TheoryData<string, int> Names()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in Cases.Keys)
            foreach (var opset in OnnxOptions.Opsets) data.Add(name, opset);
        return data;
    }

    [RuntimeTheory]
    [MemberData(nameof(Names))]
    public void A_mapping_gives_what_the_operation_gives(string name, int opset)
    {
        var source = new OperationSource(Cases[name].Inputs, Cases[name].Apply);
        using var folder = new TemporaryFolder();
        ModelFile.Write(Exporter.Export(source, opset), folder["operation.onnx"], OnnxOptions.MessageLimit);
        using var model = new OnnxModelRun(folder["operation.onnx"]);
        var random = new RandomSource(5);
        var inputs = Cases[name].Inputs.Select(shape => Tensor.Normal(shape, random)).ToArray();
        using var pass = Pass.Evaluation();
        var results = model.Run([.. inputs.Select((x, i) => ($"x{i}", (Array)x.ToArray(), x.Shape.Sizes.ToArray()))]);
        var expected = Cases[name].Apply(pass, inputs);
        Assert.Equal(expected.Shape.Sizes.ToArray(), results["y"].Shape);
        Near.Same(expected, results["y"].Values, name);
    }

    [Fact]
    public void Every_operation_of_the_engine_has_a_mapping_but_losses_and_dropout()
    {
        var operations = typeof(Operation).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Operation)) && !type.IsAbstract);
        Assert.Equal(["BinaryCrossEntropyOp", "CrossEntropyOp", "DropoutOp", "MeanSquaredErrorOp", "SmoothL1Op"],
            operations.Where(type => MappingTable.Find(type) is null).Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>One operation, or a few, as what is exported.</summary>
    private sealed class OperationSource(Shape[] inputs, Func<Pass, Tensor[], Tensor> apply) : IExportSource
    {
        public string Name => "operation";

        public Module Module { get; } = new LayerNorm(1);

        public IReadOnlyList<SizeSymbol> Symbols => [];

        public IEnumerable<KeyValuePair<string, string>> Metadata => [];

        public Recorded Record(IReadOnlyDictionary<string, int> sizes)
        {
            using var pass = Pass.Planning();
            var given = inputs.Select(Tensor.Zeros).ToArray();
            var result = apply(pass, given);
            return new Recorded(sizes, [.. pass.Record], given, [new("y", result)]);
        }

        public IReadOnlyList<string> AddInputs(GraphBuilder graph, Func<string, Dim> size) =>
            [.. inputs.Select((shape, i) => graph.Input(new OnnxValue($"x{i}", ElementKind.Float,
                [.. shape.Sizes.ToArray().Select(n => (Dim)n)])))];

        public (ElementKind Kind, string Value) Finish(GraphBuilder graph, string name, string value) => (ElementKind.Float, value);
    }
}
