using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>The bipartite matching of ToMe (Bolya et al. 2023): even tokens with the odd ones most like them.</summary>
internal static class TokenMatchingMapping
{
    /// <summary>Cosines of even and odd tokens by MatMul, partners by ArgMax, the closest pairs by TopK, new numbers by CumSum and
    /// ScatterElements.</summary>
    public static string[] Match(RecordedCall call)
    {
        var (graph, merged) = (call.Graph, call.Size<MatchTokensOp>(o => o.Merged));
        var (best, target) = Partners(call);
        var chosen = graph.Integer(graph.Add("TopK", 2, [("axis", -1L)], best, graph.Size(merged))[1]); // [B, r]

        // Tokens that stay are numbered in their order; one that goes gets the number of its partner.
        var stays = graph.Add("Shape", [], call.Input(0));
        var all = graph.Add("Expand", graph.Whole(1), graph.Add("Slice", stays, graph.Wholes(0), graph.Wholes(2))); // [B, N]
        var even = graph.Add("Mul", chosen, graph.Whole(2));
        var gone = graph.Add("Mul", chosen, graph.Whole(0));
        var kept = graph.Add("ScatterElements", [("axis", 1L)], all, even, gone);
        var numbers = graph.Add("Sub", graph.Add("CumSum", kept, graph.Whole(1)), graph.Whole(1));
        var partner = graph.Add("GatherElements", [("axis", 1L)], target, chosen);
        var odd = graph.Add("Add", graph.Add("Mul", partner, graph.Whole(2)), graph.Whole(1));
        var theirs = graph.Add("GatherElements", [("axis", 1L)], numbers, odd);
        return [graph.Integer(graph.Add("ScatterElements", [("axis", 1L)], numbers, even, theirs))];
    }

    /// <summary>How alike every even token and its partner are, <c>[B, even]</c>, and which odd token that is; padding goes first and is
    /// nobody's partner.</summary>
    private static (string Best, string Target) Partners(RecordedCall call)
    {
        var graph = call.Graph;
        var (evenReal, oddReal) = (IsReal(0), IsReal(1)); // [B, even], [B, odd]
        var unit = Unit(graph, call.Input(0));
        var likeness = graph.Add("MatMul", Every(unit, 0), graph.Add("Transpose", [("perm", new long[] { 0, 2, 1 })], Every(unit, 1)));
        var possible = graph.Add("Where", graph.Add("Unsqueeze", oddReal, graph.Wholes(1)), likeness, graph.Number(float.NegativeInfinity));
        var target = graph.Add("ArgMax", [("axis", -1L), ("keepdims", 0L)], possible);
        var best = ReductionMappings.Reduce(graph, "ReduceMax", possible, -1, keep: false);
        var first = graph.Number(float.PositiveInfinity);
        return (graph.Add("Where", evenReal, best, first), graph.Add("Where", evenReal, target, graph.Whole(0)));

        string Every(string tokens, int start) =>
            graph.Add("Slice", tokens, graph.Wholes(start), graph.Wholes(long.MaxValue), graph.Wholes(1), graph.Wholes(2));

        string IsReal(int start) =>
            graph.Add("Greater", graph.Add("Squeeze", Every(call.Input(1), start), graph.Wholes(2)), graph.Number(0));
    }

    /// <summary>Tokens of length 1; zeros stay zeros.</summary>
    private static string Unit(GraphBuilder graph, string tokens)
    {
        var norm = ReductionMappings.Reduce(graph, "ReduceL2", tokens, -1);
        var divisor = graph.Add("Where", graph.Add("Greater", norm, graph.Number(0)), norm, graph.Number(1));
        return graph.Add("Div", tokens, divisor);
    }
}
