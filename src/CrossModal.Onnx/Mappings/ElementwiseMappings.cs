using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Operations on elements.</summary>
internal static class ElementwiseMappings
{
    // Gelu is an operator from opset 20 on.
    private const int GeluOpset = 20;

    /// <summary>An operator of one input.</summary>
    public static Mapping Unary(string operation) => call => [call.Graph.Add(operation, call.Input(0))];

    /// <summary>An operator of two inputs that broadcast.</summary>
    public static Mapping Binary(string operation) => call => [call.Graph.Add(operation, call.Input(0), call.Input(1))];

    /// <summary>Mul and Add of constants.</summary>
    public static string[] Scale(RecordedCall call)
    {
        var (factor, shift) = call.Same<ScaleOp, (float, float)>(o => (o.Factor, o.Shift));
        var scaled = factor == 1 ? call.Input(0) : call.Graph.Add("Mul", call.Input(0), call.Graph.Number(factor));
        return [shift == 0 ? scaled : call.Graph.Add("Add", scaled, call.Graph.Number(shift))];
    }

    /// <summary>Mul of a value by itself.</summary>
    public static string[] Square(RecordedCall call) => [call.Graph.Add("Mul", call.Input(0), call.Input(0))];

    /// <summary>x · sigmoid(x).</summary>
    public static string[] Silu(RecordedCall call) => [call.Graph.Add("Mul", call.Input(0), call.Graph.Add("Sigmoid", call.Input(0)))];

    /// <summary>x · sigmoid(1.702 x).</summary>
    public static string[] QuickGelu(RecordedCall call)
    {
        var scaled = call.Graph.Add("Mul", call.Input(0), call.Graph.Number(1.702f));
        return [call.Graph.Add("Mul", call.Input(0), call.Graph.Add("Sigmoid", scaled))];
    }

    /// <summary>Gelu, or x/2 · (1 + erf(x/√2)) where the opset has none.</summary>
    public static string[] Gelu(RecordedCall call)
    {
        var graph = call.Graph;
        if (graph.Opset >= GeluOpset) return [graph.Add("Gelu", call.Input(0))];
        var error = graph.Add("Erf", graph.Add("Mul", call.Input(0), graph.Number(MathF.Sqrt(0.5f))));
        var half = graph.Add("Mul", call.Input(0), graph.Number(0.5f));
        return [graph.Add("Mul", half, graph.Add("Add", error, graph.Number(1)))];
    }

    /// <summary>Gelu with its tanh approximation, or x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    public static string[] GeluTanh(RecordedCall call)
    {
        var (graph, x) = (call.Graph, call.Input(0));
        if (graph.Opset >= GeluOpset) return [graph.Add("Gelu", [("approximate", "tanh")], x)];
        var cube = graph.Add("Mul", graph.Add("Mul", x, x), x);
        var inner = graph.Add("Add", x, graph.Add("Mul", cube, graph.Number(0.044715f)));
        var tanh = graph.Add("Tanh", graph.Add("Mul", inner, graph.Number(MathF.Sqrt(2 / MathF.PI))));
        return [graph.Add("Mul", graph.Add("Mul", x, graph.Number(0.5f)), graph.Add("Add", tanh, graph.Number(1)))];
    }
}
