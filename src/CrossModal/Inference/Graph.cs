using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>A recorded forward pass as values and the nodes between them, with what no result needs left out.</summary>
internal sealed class Graph
{
    private readonly Dictionary<Tensor, Value> _values = new(ReferenceEqualityComparer.Instance);

    private Graph()
    {
    }

    /// <summary>What is applied, in the order of the record.</summary>
    public List<GraphNode> Nodes { get; } = [];

    /// <summary>Reads a record.</summary>
    /// <param name="record">The applications of a pass.</param>
    /// <param name="inputs">Tensors that an instruction or a frame brings.</param>
    /// <param name="outputs">Tensors wanted.</param>
    public static Graph Read(IReadOnlyList<Node> record, PlanInputs inputs, IReadOnlyList<Tensor> outputs)
    {
        var graph = new Graph();
        foreach (var tensor in inputs.Instruction) graph._values[tensor] = new Value(tensor.Shape, Stage.Instruction) { IsInput = true };
        foreach (var tensor in inputs.Frame)
            graph._values[tensor] = new Value(tensor.Shape, Stage.Frame) { IsInput = true, Moves = inputs.FrameMoves };
        var needed = Needed(record, outputs);
        for (var i = 0; i < record.Count; i++)
            if (needed[i]) graph.Add(record[i], i);
        foreach (var tensor in outputs) graph[tensor].IsOutput = true;
        return graph;
    }

    /// <summary>The value of a recorded tensor.</summary>
    public Value this[Tensor tensor]
    {
        get
        {
            if (!_values.TryGetValue(tensor, out var value))
                _values[tensor] = value = new Value(tensor.Shape, Stage.Constant) { Constant = tensor };
            return value;
        }
    }

    /// <summary>The value of a tensor that the record knows; null for another.</summary>
    public Value? Find(Tensor tensor) => _values.GetValueOrDefault(tensor);

    private static bool[] Needed(IReadOnlyList<Node> record, IReadOnlyList<Tensor> outputs)
    {
        var wanted = new HashSet<Tensor>(outputs, ReferenceEqualityComparer.Instance);
        var needed = new bool[record.Count];
        for (var i = record.Count - 1; i >= 0; i--)
        {
            if (!record[i].Outputs.Any(wanted.Contains)) continue;
            needed[i] = true;
            wanted.UnionWith(record[i].Inputs);
        }

        return needed;
    }

    private void Add(Node recorded, int position)
    {
        var node = new GraphNode(recorded.Operation, position, [.. recorded.Inputs.Select(tensor => this[tensor])]);
        node.Outputs = [.. recorded.Outputs.Select(tensor => _values[tensor] = new Value(tensor.Shape, node.Stage) { Producer = node })];
        foreach (var input in node.Inputs) input.Consumers.Add(node);

        // A reshape of what lies elsewhere each time is copied.
        if (recorded.Operation.IsView && !node.Inputs[0].Root.Moves) node.Output.AliasOf(node.Inputs[0]);
        Nodes.Add(node);
    }
}
