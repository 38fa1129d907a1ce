using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Onnx;

/// <summary>Makes a model of recorded passes: each operation by its mapping, numbers that nothing made as stored numbers or as computations
/// of sizes.</summary>
internal sealed class Exporter
{
    // More equal numbers than this are computed, not stored.
    private const int StoredEquals = 64;

    private readonly Recordings _recordings;
    private readonly GraphBuilder _graph;
    private readonly Dictionary<Tensor, string> _parameters = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Origin, string> _values = [];

    private Exporter(IExportSource source, IReadOnlyList<SizeSymbol> open, OnnxModel model)
    {
        _recordings = new Recordings(open, source.Record);
        _graph = new GraphBuilder(model);
        foreach (var (name, parameter) in source.Module.Parameters()) _parameters.TryAdd(parameter, name);
        var inputs = source.AddInputs(_graph, Size);
        for (var i = 0; i < inputs.Count; i++) _values[new Origin(-1, i)] = inputs[i];
        AddNodes();
        for (var i = 0; i < _recordings.Base.Outputs.Count; i++) AddOutput(source, i);

        Dim Size(string name) =>
            open.Any(symbol => symbol.Name == name) ? new Dim(0, (name, 1)) : source.Symbols.First(symbol => symbol.Name == name).Base;
    }

    /// <summary>Makes the model; sizes that it cannot leave open are fixed at their base.</summary>
    /// <param name="source">What is exported.</param>
    /// <param name="opset">Version of the operators.</param>
    /// <exception cref="OnnxExportException">An operation has no mapping, or cannot be expressed.</exception>
    public static OnnxModel Export(IExportSource source, int opset)
    {
        var open = source.Symbols.Where(symbol => symbol.Others.Count > 0).ToList();
        while (true)
        {
            try
            {
                var model = new OnnxModel(source.Name, opset);
                _ = new Exporter(source, open, model);
                model.Metadata.AddRange(source.Metadata);
                return model;
            }
            catch (SizeDependenceException dependence)
            {
                if (open.RemoveAll(symbol => symbol.Name == dependence.Symbol) > 0) continue;
                throw new OnnxExportException(dependence.Message, dependence);
            }
        }
    }

    private void AddNodes()
    {
        var nodes = _recordings.Base.Nodes;
        var wanted = new HashSet<Tensor>(_recordings.Base.Outputs.Select(output => output.Value), ReferenceEqualityComparer.Instance);
        var needed = new bool[nodes.Count];
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            if (!nodes[i].Outputs.Any(wanted.Contains)) continue;
            needed[i] = true;
            wanted.UnionWith(nodes[i].Inputs);
        }

        for (var i = 0; i < nodes.Count; i++)
            if (needed[i]) AddNode(i, nodes[i].Outputs.Skip(1).Any(wanted.Contains));
    }

    private void AddNode(int index, bool wantsSecond)
    {
        var node = _recordings.Base.Nodes[index];
        _graph.Layer = Layer(node) ?? _graph.Layer;
        var map = MappingTable.Find(node.Operation.GetType())
            ?? throw new OnnxExportException($"the operation '{node.Operation.Name}' has no mapping to ONNX{Place()}");
        var names = node.Inputs.Select(input => _parameters.GetValueOrDefault(input)).ToArray();
        try
        {
            var made = map(new RecordedCall(_graph, _recordings, index, input => Value(index, input), names) { WantsSecond = wantsSecond });
            for (var j = 0; j < made.Length; j++) _values[new Origin(index, j)] = made[j];
        }
        catch (OnnxExportException error)
        {
            throw new OnnxExportException($"{error.Message}{Place()}", error);
        }
    }

    private string Place() => _graph.Layer.Length > 0 ? $" (at or after the layer '{_graph.Layer}')" : "";

    private string Value(int node, int input) => Value(record => record.Nodes[node].Inputs[input]);

    private string Value(Func<Recorded, Tensor> read)
    {
        var tensor = read(_recordings.Base);
        if (_recordings.OriginOf(tensor) is { } origin) return _values[origin];
        if (_parameters.TryGetValue(tensor, out var name)) return _graph.Weight(tensor, name);
        var value = tensor.Shape.Length > 0 ? tensor.Span[0] : 0;
        var even = _recordings.All.All(record => !read(record).Span.ContainsAnyExcept(value));
        if (even && tensor.Shape.Length > StoredEquals || even && !_recordings.AreEqual(read))
            return _graph.Add("Expand", _graph.Number(value), _graph.Sizes(_recordings.Shape(read, "numbers")));
        if (_recordings.AreEqual(read)) return _graph.Weight(tensor, "numbers");
        if (_recordings.All.All(record => IsCount(read(record)))) return _graph.Count(_recordings.Shape(read, "numbers")[0]);
        var cause = _recordings.Cause(record => read(record).Shape != tensor.Shape || !read(record).Span.SequenceEqual(tensor.Span));
        throw new SizeDependenceException(cause, "numbers depend on it");
    }

    private static bool IsCount(Tensor tensor)
    {
        if (tensor.Shape.Rank != 1) return false;
        for (var i = 0; i < tensor.Shape[0]; i++)
            if (tensor.Span[i] != i) return false;
        return true;
    }

    private void AddOutput(IExportSource source, int index)
    {
        var shape = _recordings.Shape(record => record.Outputs[index].Value, "an output");
        _graph.Layer = "output";
        var name = _recordings.Base.Outputs[index].Name;
        var (kind, value) = source.Finish(_graph, name, _graph.AsFloat(Value(record => record.Outputs[index].Value)));
        _graph.Output(new OnnxValue(name, kind, shape), value);
    }

    /// <summary>The layer that an operation belongs to: it says so, or one of its inputs is a parameter of it; null when neither
    /// is.</summary>
    private string? Layer(Node node)
    {
        if (node.Operation is AttendingOperation { Options.Layer: { } layer }) return layer;
        var parameter = node.Inputs.Select(input => _parameters.GetValueOrDefault(input)).FirstOrDefault(name => name is not null);
        var end = parameter?.LastIndexOf('.') ?? -1;
        return end < 0 ? parameter : parameter![..end];
    }
}
