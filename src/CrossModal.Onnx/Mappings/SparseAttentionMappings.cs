using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Attention to keys, or blocks of keys, chosen by their scores.</summary>
internal static class SparseAttentionMappings
{
    /// <summary>TopK finds the k-th largest score; lower ones are −∞.</summary>
    public static string[] TopK(RecordedCall call)
    {
        var (graph, parts) = (call.Graph, new AttentionParts(call));
        var scores = parts.Scores();
        var count = graph.Add("Min", graph.Size(call.Same<TopKAttentionOp, int>(o => o.K)), graph.Size(parts.Keys));
        var largest = graph.Add("TopK", 2, [("axis", -1L)], scores, count)[0];
        var least = graph.Add("Slice", largest, graph.Wholes(-1), graph.Wholes(long.MaxValue), graph.Wholes(-1));
        return parts.Result(parts.Weights(parts.Only(graph.Add("GreaterOrEqual", scores, least), scores),
            mayBeEmpty: parts.Mask is not null));
    }

    /// <summary>Mean keys of blocks by MatMul with their members, the best blocks by TopK, a mask of their members.</summary>
    public static string[] Blocks(RecordedCall call)
    {
        var (graph, parts) = (call.Graph, new AttentionParts(call));
        var (words, size) = (call.Size<BlockSparseAttentionOp>(o => o.Words), call.Same<BlockSparseAttentionOp, int>(o => o.Size));
        var patches = graph.Add("Sub", graph.Size(parts.Keys), graph.Size(words));
        var blocks = graph.Integer(graph.Add("Div", graph.Add("Add", patches, graph.Wholes(size - 1)), graph.Wholes(size))); // [1]
        var members = Members(graph, parts, graph.Size(words), size, blocks); // [blocks, Nk]

        // Masked keys do not count in a mean, and a block without others is never chosen.
        var counted = parts.Mask is { } mask ? graph.Add("Mul", members, graph.Cast(Real(graph, mask), ElementKind.Float)) : members;
        var counts = ReductionMappings.Reduce(graph, "ReduceSum", counted, -1); // [B or 1, H or 1, blocks, 1], or [blocks, 1]
        var sums = graph.Add("MatMul", counted, parts.Split(call.Input(1), parts.HeadWidth));
        var means = graph.Add("Div", sums, graph.Add("Max", counts, graph.Number(1)));
        var scores = parts.ScoresOf(graph.Add("Transpose", [("perm", new long[] { 0, 1, 3, 2 })], means)); // [B, H, Nq, blocks]
        if (parts.Mask is not null)
        {
            var possible = graph.Add("Transpose", [("perm", new long[] { 0, 1, 3, 2 })], graph.Add("Greater", counts, graph.Number(0)));
            scores = parts.Only(possible, scores);
        }

        var kept = graph.Add("Min", graph.Wholes(call.Same<BlockSparseAttentionOp, int>(o => o.Blocks)), blocks);
        var best = graph.Add("TopK", 2, [("axis", -1L)], scores, kept);
        var chosen = graph.Cast(graph.Add("Greater", best[0], graph.Number(float.NegativeInfinity)), ElementKind.Float);
        var none = graph.Add("Expand", graph.Number(0), graph.Add("Shape", scores));
        var flags = graph.Add("ScatterElements", [("axis", -1L)], none, best[1], chosen); // [B, H, Nq, blocks]
        var allowed = graph.Add("Greater", graph.Add("MatMul", flags, members), graph.Number(0));
        var isWord = graph.Add("Less", graph.Count(parts.Keys), graph.Size(words));
        return parts.Result(parts.Weights(parts.Only(graph.Add("Or", allowed, isWord), parts.Scores()), mayBeEmpty: true));
    }

    /// <summary>Whether the mask leaves a key.</summary>
    public static string Real(GraphBuilder graph, string mask) => graph.Add("Greater", mask, graph.Number(float.NegativeInfinity));

    /// <summary>1 where a key is a patch of a block, <c>[blocks, Nk]</c>.</summary>
    private static string Members(GraphBuilder graph, AttentionParts parts, string words, int size, string blocks)
    {
        var place = graph.Add("Div", graph.AsFloat(graph.Integer(graph.Add("Sub", graph.Count(parts.Keys), words))), graph.Number(size));
        var block = graph.AsInteger(graph.Add("Floor", place)); // −1 or less for words
        var numbers = graph.Integer(graph.Add("Range", graph.Whole(0), graph.Add("Squeeze", blocks, graph.Wholes(0)), graph.Whole(1)));
        return graph.Cast(graph.Add("Equal", graph.Add("Unsqueeze", numbers, graph.Wholes(1)), block), ElementKind.Float);
    }
}
