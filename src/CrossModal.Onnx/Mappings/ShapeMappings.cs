using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Operations that move elements and change none.</summary>
internal static class ShapeMappings
{
    /// <summary>Concat.</summary>
    public static string[] Concat(RecordedCall call) =>
        [call.Graph.Add("Concat", [("axis", (long)call.Same<ConcatOp, int>(o => o.Axis))],
            [.. Enumerable.Range(0, call.Inputs).Select(call.Input)])];

    /// <summary>Expand to sizes that may depend on the inputs.</summary>
    public static string[] Expand(RecordedCall call) => [call.Graph.Add("Expand", call.Input(0), call.Graph.Sizes(call.OutputShape()))];

    /// <summary>Transpose.</summary>
    public static string[] Permute(RecordedCall call)
    {
        var order = ((PermuteOp)call.Operation).Order.Select(axis => (long)axis).ToArray();
        return [call.Graph.Add("Transpose", [("perm", order)], call.Input(0))];
    }

    /// <summary>Reshape.</summary>
    public static string[] Reshape(RecordedCall call) => [Reshape(call.Graph, call.Input(0), call.InputShape(0), call.OutputShape())];

    /// <summary>Slice along one axis, of which the ends may depend on the inputs.</summary>
    public static string[] Slice(RecordedCall call)
    {
        var (start, length) = (call.Size<SliceOp>(o => o.Start), call.Size<SliceOp>(o => o.Length));
        var end = call.Size<SliceOp>(o => o.Start + o.Length);
        var axis = call.Same<SliceOp, int>(o => o.Axis);
        var whole = call.InputShape(0)[axis < 0 ? axis + call.InputShape(0).Length : axis];
        return [start.Equals(0) && length.Equals(whole) ? call.Input(0)
            : call.Graph.Add("Slice", call.Input(0), call.Graph.Size(start), call.Graph.Size(end), call.Graph.Wholes(axis))];
    }

    /// <summary>Reshapes a value: 0 for an axis that stays, −1 for one that follows, a computation where more than one depends on the
    /// inputs.</summary>
    public static string Reshape(GraphBuilder graph, string value, IReadOnlyList<Dim> from, IReadOnlyList<Dim> to)
    {
        var target = new long[to.Count];
        var open = 0;
        for (var i = 0; i < target.Length; i++)
        {
            var stays = i < from.Count && from[i].Equals(to[i]);
            if (to[i].IsConstant) target[i] = to[i].Constant;
            else if (stays) target[i] = 0;
            else (target[i], open) = (-1, open + 1);
        }

        return graph.Add("Reshape", value, open <= 1 ? graph.Wholes(target) : graph.Sizes(to));
    }
}
