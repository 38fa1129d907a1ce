using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Sums, means and largest elements.</summary>
internal static class ReductionMappings
{
    // ReduceMean and its like take axes as an input from opset 18 on; ReduceSum always did.
    private const int AxesAsInput = 18;

    /// <summary>ReduceSum or ReduceMean.</summary>
    public static string[] Sum(RecordedCall call)
    {
        var (axis, keep, mean) = call.Same<SumOp, (int?, bool, bool)>(o => (o.Axis, o.KeepAxis, o.Mean));
        return [Reduce(call.Graph, mean ? "ReduceMean" : "ReduceSum", call.Input(0), axis, keep)];
    }

    /// <summary>ReduceMax.</summary>
    public static string[] Max(RecordedCall call)
    {
        var (axis, keep) = call.Same<MaxOp, (int?, bool)>(o => (o.Axis, o.KeepAxis));
        return [Reduce(call.Graph, "ReduceMax", call.Input(0), axis, keep)];
    }

    /// <summary>Adds a reduction.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="operation">ReduceSum, ReduceMean, ReduceMax, …</param>
    /// <param name="value">What is reduced.</param>
    /// <param name="axis">The axis; null for all.</param>
    /// <param name="keep">Whether the axis stays, with size 1.</param>
    public static string Reduce(GraphBuilder graph, string operation, string value, int? axis, bool keep = true)
    {
        var kept = ("keepdims", (object)(keep ? 1L : 0L));
        if (axis is not { } given) return graph.Add(operation, [("keepdims", 0L)], value);
        return graph.Opset >= AxesAsInput || operation == "ReduceSum"
            ? graph.Add(operation, [kept], value, graph.Wholes(given))
            : graph.Add(operation, [("axes", new long[] { given }), kept], value);
    }
}
