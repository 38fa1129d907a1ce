
namespace CrossModal.Onnx;

/// <summary>Masks as inputs: true for what is real, as numbers added to scores inside the model.</summary>
internal static class MaskInputs
{
    /// <summary>Adds an input of truth values <c>[B, N]</c>.</summary>
    /// <returns>Scores <c>[B, 1, 1, N]</c>: 0 where it is true, −∞ elsewhere.</returns>
    public static string Add(GraphBuilder graph, string name, Dim batch, Dim count)
    {
        var real = graph.Input(new OnnxValue(name, ElementKind.Bool, [batch, count]));
        var scores = graph.Add("Where", real, graph.Number(0), graph.Number(float.NegativeInfinity));
        return graph.Add("Unsqueeze", scores, graph.Wholes(1, 2));
    }
}
