using CrossModal.Engine.Kernels;

namespace CrossModal.Onnx;

/// <summary>Attention to all keys.</summary>
internal static class DenseAttentionMappings
{
    private const int AttentionOpset = 23;

    // qk_matmul_output is what the softmax made.
    private const long SoftmaxOutput = 3;

    /// <summary>Attention of opset 23, weights as its fourth output; MatMul, Softmax and MatMul before.</summary>
    public static string[] Softmax(RecordedCall call)
    {
        var parts = new AttentionParts(call);
        if (call.Graph.Opset < AttentionOpset) return parts.Result(parts.Weights(parts.Scores(), mayBeEmpty: parts.Mask is not null));
        List<string> inputs = [call.Input(0), call.Input(1), call.Input(2)];

        // ONNX Runtime broadcasts a mask over samples and heads, not over queries.
        if (parts.Mask is { } mask) inputs.Add(call.Graph.Add("Expand", mask, call.Graph.Sizes([1, 1, parts.Queries, 1])));
        (string, object)[] attributes = [("q_num_heads", (long)parts.Heads), ("kv_num_heads", (long)parts.Heads), ("scale", parts.Scale)];
        if (!call.WantsSecond) return [call.Graph.Add("Attention", attributes, [.. inputs])];
        attributes = [.. attributes, ("qk_matmul_output_mode", SoftmaxOutput)];
        var outputs = call.Graph.Add("Attention", [true, false, false, true], attributes, [.. inputs]);
        return [outputs[0], outputs[3]];
    }

    /// <summary>φ(Q)(φ(K)ᵀV) / (φ(Q)Σφ(K) + ε) with φ = Elu + 1.</summary>
    public static string[] Linear(RecordedCall call)
    {
        var (graph, parts) = (call.Graph, new AttentionParts(call));
        var q = Feature(parts.Split(call.Input(0), parts.HeadWidth)); // [B, H, Nq, D]
        var k = Feature(parts.SplitTransposed(call.Input(1), parts.HeadWidth)); // [B, H, D, Nk]

        // A mask has one row for all queries, which multiplies φ of a key.
        if (parts.Mask is { } mask) k = graph.Add("Mul", k, graph.Add("Exp", mask));
        var sum = ReductionMappings.Reduce(graph, "ReduceSum", k, -1); // [B, H, D, 1]
        var divisor = graph.Add("Add", graph.Add("MatMul", q, sum), graph.Number(LinearAttention.Epsilon));
        var memory = graph.Add("MatMul", k, parts.Split(call.Input(2), parts.ValueWidth)); // [B, H, D, Dv]
        var result = parts.Merge(graph.Add("Div", graph.Add("MatMul", q, memory), divisor));
        return call.WantsSecond ? [result, graph.Add("Div", graph.Add("MatMul", q, k), divisor)] : [result];

        string Feature(string x) => graph.Add("Add", graph.Add("Elu", x), graph.Number(1));
    }

    /// <summary>Softmax over the queries, then rows divided by their sums.</summary>
    public static string[] Inverted(RecordedCall call)
    {
        var (graph, parts) = (call.Graph, new AttentionParts(call));
        var shares = NormalizationMappings.Softmax(graph, parts.Scores(), axis: -2);
        var sums = graph.Add("Max", ReductionMappings.Reduce(graph, "ReduceSum", shares, -1), graph.Number(InvertedAttention.Epsilon));
        return parts.Result(graph.Add("Div", shares, sums));
    }
}
