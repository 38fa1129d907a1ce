using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Normalisations along the last axis.</summary>
internal static class NormalizationMappings
{
    private const int RmsOpset = 23;

    /// <summary>Softmax, and 0 where a row is −∞ throughout.</summary>
    public static string[] Softmax(RecordedCall call) => [Softmax(call.Graph, call.Input(0))];

    /// <summary>LogSoftmax.</summary>
    public static string[] LogSoftmax(RecordedCall call) => [call.Graph.Add("LogSoftmax", [("axis", -1L)], call.Input(0))];

    /// <summary>LayerNormalization; a scale that was not given is ones.</summary>
    public static string[] LayerNorm(RecordedCall call)
    {
        var width = RecordedCall.Fixed(call.InputShape(0)[^1], "LayerNorm");
        var scale = call.Inputs > 1 ? call.Input(1) : call.Graph.Numbers([.. Enumerable.Repeat(1f, width)]);
        string[] inputs = call.Inputs > 2 ? [call.Input(0), scale, call.Input(2)] : [call.Input(0), scale];
        return [call.Graph.Add("LayerNormalization", [("axis", -1L), ("epsilon", call.Same<LayerNormOp, float>(o => o.Epsilon))], inputs)];
    }

    /// <summary>RMSNormalization of groups, or its parts where the opset has none.</summary>
    public static string[] RmsNorm(RecordedCall call)
    {
        var (graph, shape) = (call.Graph, call.InputShape(0));
        var (width, group) = (RecordedCall.Fixed(shape[^1], "RmsNorm"), RecordedCall.Fixed(call.InputShape(1)[0], "RmsNorm"));
        Dim[] grouped = [.. shape[..^1], width / group, group];
        var x = width == group ? call.Input(0) : ShapeMappings.Reshape(graph, call.Input(0), shape, grouped);
        var epsilon = call.Same<RmsNormOp, float>(o => o.Epsilon);
        string y;
        if (graph.Opset >= RmsOpset)
        {
            y = graph.Add("RMSNormalization", [("axis", -1L), ("epsilon", epsilon)], x, call.Input(1));
        }
        else
        {
            var mean = ReductionMappings.Reduce(graph, "ReduceMean", graph.Add("Mul", x, x), -1);
            y = graph.Add("Mul", graph.Add("Div", x, graph.Add("Sqrt", graph.Add("Add", mean, graph.Number(epsilon)))), call.Input(1));
        }

        return [width == group ? y : ShapeMappings.Reshape(graph, y, grouped, shape)];
    }

    /// <summary>x / max(‖x‖₂, ε).</summary>
    public static string[] L2Normalize(RecordedCall call)
    {
        var norm = ReductionMappings.Reduce(call.Graph, "ReduceL2", call.Input(0), -1);
        var least = call.Graph.Number(call.Same<L2NormalizeOp, float>(o => o.Epsilon));
        return [call.Graph.Add("Div", call.Input(0), call.Graph.Add("Max", norm, least))];
    }

    /// <summary>Softmax along an axis; a row that is −∞ throughout gives zeros, which ONNX's own does not.</summary>
    public static string Softmax(GraphBuilder graph, string scores, int axis = -1)
    {
        var empty = graph.Add("IsInf", [("detect_positive", 0L)], ReductionMappings.Reduce(graph, "ReduceMax", scores, axis));
        return graph.Add("Where", empty, graph.Number(0), graph.Add("Softmax", [("axis", (long)axis)], scores));
    }
}
