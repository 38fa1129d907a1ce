using CrossModal.Engine.Recording;

namespace CrossModal.Onnx;

/// <summary>One recorded application of an operation, as its mapping reads it.</summary>
/// <param name="graph">The graph that is built.</param>
/// <param name="recordings">The records.</param>
/// <param name="index">Its place in them.</param>
/// <param name="values">Name of the value that an input reads; numbers are stored in the model when it is asked for.</param>
/// <param name="parameters">Names of the parameters among its inputs; null where an input is none.</param>
internal sealed class RecordedCall(GraphBuilder graph, Recordings recordings, int index, Func<int, string> values, string?[] parameters)
{
    private readonly Node _node = recordings.Base.Nodes[index];
    private readonly string?[] _names = new string?[recordings.Base.Nodes[index].Inputs.Count];

    /// <summary>The graph that is built.</summary>
    public GraphBuilder Graph => graph;

    /// <summary>Number of inputs.</summary>
    public int Inputs => _node.Inputs.Count;

    /// <summary>Whether something reads the second output.</summary>
    public bool WantsSecond { get; init; }

    /// <summary>The operation as it was recorded at the base sizes.</summary>
    public Operation Operation => _node.Operation;

    /// <summary>An input as float32.</summary>
    public string Input(int input) => graph.AsFloat(Value(input));

    /// <summary>An input of whole numbers as int64.</summary>
    public string Ids(int input) => graph.AsInteger(Value(input));

    /// <summary>An input that is a stored matrix, its axes exchanged; computed for one that is not stored.</summary>
    public string Transposed(int input) => parameters[input] is { } name
        ? graph.TransposedWeight(_node.Inputs[input], name)
        : graph.Add("Transpose", [("perm", new long[] { 1, 0 })], Input(input));

    /// <summary>Sizes of an input.</summary>
    public Dim[] InputShape(int input) => recordings.Shape(record => record.Nodes[index].Inputs[input], Operation.Name);

    /// <summary>Sizes of an output.</summary>
    public Dim[] OutputShape(int output = 0) => recordings.Shape(record => record.Nodes[index].Outputs[output], Operation.Name);

    /// <summary>A size among the attributes of the operation.</summary>
    public Dim Size<TOperation>(Func<TOperation, int> size)
        where TOperation : Operation => recordings.Size(record => size((TOperation)record.Nodes[index].Operation), Operation.Name);

    /// <summary>An attribute of the operation that no size changes.</summary>
    public T Same<TOperation, T>(Func<TOperation, T> attribute)
        where TOperation : Operation => recordings.Same(record => attribute((TOperation)record.Nodes[index].Operation), Operation.Name);

    /// <summary>A size that must be the same for all inputs.</summary>
    /// <exception cref="SizeDependenceException">It is not.</exception>
    public static int Fixed(Dim size, string what) => size.IsConstant
        ? size.Constant
        : throw new SizeDependenceException(size.Terms[0].Symbol, $"{what} needs a fixed size");

    private string Value(int input) => _names[input] ??= values(input);
}
