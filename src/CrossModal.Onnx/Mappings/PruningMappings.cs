using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Attention to the few keys of a sample that get most of it.</summary>
internal static class PruningMappings
{
    private static readonly long[] Exchange = [0, 2, 1, 3];

    /// <summary>Softmax weights added up over heads and queries, the largest by TopK, their numbers in rising order by another.</summary>
    public static string[] MostAttended(RecordedCall call)
    {
        var (graph, operation) = (call.Graph, (MostAttendedOp)call.Operation);
        var (heads, keys) = (operation.Heads, call.InputShape(1)[1]);
        var width = RecordedCall.Fixed(call.InputShape(0)[2], operation.Name) / heads;
        var mask = operation.HasMask ? call.Input(2) : null;
        var query = graph.Add("Mul", Split(call.Input(0), Exchange), graph.Number(1 / MathF.Sqrt(width)));
        var scores = graph.Add("MatMul", query, Split(call.Input(1), [0, 2, 3, 1]));
        if (mask is not null) scores = graph.Add("Add", scores, mask);
        var weights = NormalizationMappings.Softmax(graph, scores); // [B, H, Nq, Nk]
        if (operation.HasQueryMask)
        {
            // [B, 1, 1, Nq] to [B, 1, Nq, 1]: padding has no say.
            var asking = graph.Add("Transpose", [("perm", new long[] { 0, 1, 3, 2 })],
                SparseAttentionMappings.Real(graph, call.Input(call.Inputs - 1)));
            weights = graph.Add("Mul", weights, graph.Cast(asking, ElementKind.Float));
        }

        var shares = Over(graph, "ReduceSum", weights); // [B, Nk]
        if (mask is not null)
        {
            // A key that nothing may attend to comes last, behind real ones that happen to get nothing.
            var possible = graph.Add("Greater", Over(graph, "ReduceMax", mask), graph.Number(float.NegativeInfinity));
            var hidden = graph.Add("And", graph.Add("Equal", shares, graph.Number(0)), graph.Add("Not", possible));
            shares = graph.Add("Where", hidden, graph.Number(float.NegativeInfinity), shares);
        }

        var words = call.Size<MostAttendedOp>(o => o.Keys.Words);
        var isWord = graph.Add("Less", graph.Count(keys), graph.Size(words));
        shares = graph.Add("Where", isWord, graph.Number(float.PositiveInfinity), shares);
        var wanted = graph.Add("Add", graph.Size(words), graph.Wholes(call.Same<MostAttendedOp, int>(o => o.Keys.Patches)));
        var count = graph.Add("Min", wanted, graph.Size(keys));
        var most = graph.Add("TopK", 2, [("axis", -1L)], shares, count)[1];
        return [graph.Integer(graph.Add("TopK", 2, [("axis", -1L), ("largest", 0L)], most, count)[0])];

        string Split(string tokens, long[] order) =>
            graph.Add("Transpose", [("perm", order)], graph.Add("Reshape", tokens, graph.Wholes(0, 0, heads, width)));
    }

    /// <summary>Attention to all keys, those not kept being −∞; the values of the kept go back to the places of their keys by
    /// MatMul.</summary>
    public static string[] PrunedAttention(RecordedCall call)
    {
        var (graph, parts) = (call.Graph, new AttentionParts(call));
        var kept = graph.Add("Equal", graph.Add("Unsqueeze", call.Ids(AttendingOperation.AfterValues), graph.Wholes(1)),
            graph.Add("Unsqueeze", graph.Count(parts.Keys), graph.Wholes(1))); // [B, Nk, k]
        var places = graph.Cast(kept, ElementKind.Float);
        var any = graph.Add("Greater", ReductionMappings.Reduce(graph, "ReduceMax", places, -1, keep: false), graph.Number(0)); // [B, Nk]
        var allowed = graph.Add("Unsqueeze", any, graph.Wholes(1, 2));
        var values = graph.Add("MatMul", places, call.Input(2));
        return parts.Result(parts.Weights(parts.Only(allowed, parts.Scores()), mayBeEmpty: parts.Mask is not null), values);
    }

    /// <summary>Over heads and queries: <c>[B, H, Nq, Nk] → [B, Nk]</c>.</summary>
    private static string Over(GraphBuilder graph, string operation, string weights) =>
        ReductionMappings.Reduce(graph, operation, ReductionMappings.Reduce(graph, operation, weights, 1, keep: false), 1, keep: false);
}
