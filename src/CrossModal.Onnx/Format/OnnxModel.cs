
namespace CrossModal.Onnx;

/// <summary>Element types of tensors, by their numbers in onnx.proto.</summary>
internal enum ElementKind
{
    /// <summary>float32.</summary>
    Float = 1,

    /// <summary>int64.</summary>
    Int64 = 7,

    /// <summary>Truth values.</summary>
    Bool = 9,
}

/// <summary>An input or an output of a model.</summary>
/// <param name="Name">Name.</param>
/// <param name="Kind">Element type.</param>
/// <param name="Shape">Sizes; one that depends on an input's size has a name.</param>
internal sealed record OnnxValue(string Name, ElementKind Kind, IReadOnlyList<Dim> Shape);

/// <summary>A node of a model.</summary>
/// <param name="Operator">Operator of the default domain.</param>
/// <param name="Name">Name, unique in the model.</param>
/// <param name="Inputs">Values read; an empty name for one left out.</param>
/// <param name="Outputs">Values made; an empty name for one left out.</param>
/// <param name="Attributes">Attributes: <see cref="long"/>, <see cref="float"/>, <see cref="string"/> or <see cref="long"/>[].</param>
internal sealed record OnnxNode(string Operator, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyList<(string Name, object Value)> Attributes);

/// <summary>Numbers stored in a model.</summary>
/// <param name="Name">Name.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Floats">float32 numbers; empty when <paramref name="Integers"/> are given.</param>
/// <param name="Integers">int64 numbers, or null.</param>
internal sealed record OnnxTensor(string Name, IReadOnlyList<int> Shape, ReadOnlyMemory<float> Floats, long[]? Integers = null)
{
    /// <summary>Bytes of the numbers.</summary>
    public long Bytes => Integers is null ? (long)Floats.Length * sizeof(float) : (long)Integers.Length * sizeof(long);
}

/// <summary>A model: nodes in the order they are computed, the numbers they need, and what it says of itself.</summary>
/// <param name="Name">Name of the graph.</param>
/// <param name="Opset">Version of the operators.</param>
internal sealed record OnnxModel(string Name, int Opset)
{
    /// <summary>Inputs.</summary>
    public List<OnnxValue> Inputs { get; } = [];

    /// <summary>Outputs.</summary>
    public List<OnnxValue> Outputs { get; } = [];

    /// <summary>Nodes.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>Stored numbers.</summary>
    public List<OnnxTensor> Tensors { get; } = [];

    /// <summary>Texts by key, for whoever runs the model (<c>metadata_props</c>).</summary>
    public List<KeyValuePair<string, string>> Metadata { get; } = [];
}
