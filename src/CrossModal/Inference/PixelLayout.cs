using CrossModal.Engine.Ops;

namespace CrossModal.Inference;

/// <summary>The feature maps <c>[B, C, H, W]</c> of a graph that can lie pixel by pixel, <c>[B, H, W, C]</c>, without anything but
/// convolutions knowing.</summary>
/// <remarks>These are results of convolutions with constant weights, and what activations and sums make of them, as long as every reader is
/// again a convolution, an activation, a sum, or the transposition to tokens, which then costs nothing.</remarks>
internal sealed class PixelLayout
{
    private readonly HashSet<Value> _maps = [];

    /// <summary>Finds them, and lets the tokens made of them be the same memory.</summary>
    public PixelLayout(Graph graph)
    {
        foreach (var node in graph.Nodes)
            if (CanWrite(node)) _maps.Add(node.Output);
        while (_maps.RemoveWhere(map => !Fits(map)) > 0)
        {
        }

        foreach (var node in graph.Nodes)
            if (IsTokens(node) && _maps.Contains(node.Inputs[0].Root)) node.Output.AliasOf(node.Inputs[0].Root);
    }

    /// <summary>Whether a value lies pixel by pixel.</summary>
    public bool Contains(Value value) => _maps.Contains(value);

    private bool CanWrite(GraphNode node) => node.Operation switch
    {
        Conv2dOp => node.Inputs.Skip(1).All(i => i.Constant is not null),
        AddOp => node.Inputs.All(i => i.Shape == node.Output.Shape && _maps.Contains(i)),
        _ => LinearChain.ActivationOf(node) is not null && _maps.Contains(node.Inputs[0]),
    };

    private bool Fits(Value map) =>
        !map.IsOutput && map.Consumers.All(Reads) && (map.Producer!.Operation is Conv2dOp || map.Producer.Inputs.All(_maps.Contains));

    private bool Reads(GraphNode reader) => reader.Operation is ReshapeOp
        ? !reader.Output.IsOutput && reader.Output.Consumers.All(IsTokens)
        : _maps.Contains(reader.Output);

    /// <summary>Whether a node is the transposition of <c>[B, C, H·W]</c> to tokens <c>[B, H·W, C]</c>, of a map <c>[B, C, H,
    /// W]</c>.</summary>
    private static bool IsTokens(GraphNode node) =>
        node.Operation is PermuteOp { Order: [0, 2, 1] } && node.Inputs[0] is { Producer.Operation: ReshapeOp } flat
        && flat.Producer!.Inputs[0].Shape is { Rank: 4 } map && flat.Shape == [map[0], map[1], map[2] * map[3]];
}
