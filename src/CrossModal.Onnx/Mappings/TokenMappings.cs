
namespace CrossModal.Onnx;

/// <summary>Picking tokens by number and adding them up by group.</summary>
internal static class TokenMappings
{
    /// <summary>Gather; an id that is no row of the table is an error of the runtime.</summary>
    public static string[] Embedding(RecordedCall call) => [call.Graph.Add("Gather", call.Input(0), call.Ids(1))];

    /// <summary>GatherND of each sample's own tokens.</summary>
    public static string[] GatherTokens(RecordedCall call) =>
        [call.Graph.Add("GatherND", [("batch_dims", 1L)], call.Input(0), call.Graph.Add("Unsqueeze", call.Ids(1), call.Graph.Wholes(2)))];

    /// <summary>MatMul by the groups, one-hot.</summary>
    public static string[] SumTokens(RecordedCall call) =>
        [call.Graph.Add("MatMul", OneHot(call.Graph, call.Ids(1), call.Graph.Count(call.OutputShape()[1])), call.Input(0))];

    /// <summary>1 where a token is in a group: ids <c>[B, N]</c> and numbers <c>[M]</c> to <c>[B, M, N]</c>.</summary>
    public static string OneHot(GraphBuilder graph, string ids, string numbers)
    {
        var equal = graph.Add("Equal", graph.Add("Unsqueeze", ids, graph.Wholes(1)), graph.Add("Unsqueeze", numbers, graph.Wholes(1)));
        return graph.Cast(equal, ElementKind.Float);
    }
}
