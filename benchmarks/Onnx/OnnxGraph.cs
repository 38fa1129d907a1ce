using System.Globalization;
using System.Runtime.InteropServices;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>
/// An ONNX graph under construction. Methods append a node and return the name of its output. Field numbers are those of onnx.proto.
/// </summary>
/// <param name="opset">Version of the operators.</param>
internal sealed class OnnxGraph(int opset)
{
    private const int IrVersion = 8, Float32 = 1, Int64 = 7;
    private const string Microsoft = "com.microsoft";

    /// <summary>Added to the variance in normalisation.</summary>
    public const float Epsilon = 1e-5f;

    private readonly ProtocolBuffer _graph = new();
    private int _names;
    private bool _microsoft;

    /// <summary>A node with attributes: a whole number, several, or a float32.</summary>
    public string Node(string operation, IReadOnlyList<string> inputs, params IReadOnlyList<(string Name, object Value)> attributes) =>
        Node(operation, inputs, null, "", attributes);

    /// <summary>A node of the operators that ONNX Runtime adds.</summary>
    public string Extended(string operation, IReadOnlyList<string> inputs, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        _microsoft = true;
        return Node(operation, inputs, null, Microsoft, attributes);
    }

    /// <summary>A constant.</summary>
    public string Constant(ReadOnlySpan<float> values, params IReadOnlyList<int> shape) => Constant(Float32,
        MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant of whole numbers.</summary>
    public string Whole(params IReadOnlyList<int> values) => Constant(Int64, MemoryMarshal.AsBytes<long>([.. values]), [values.Count]);

    /// <summary>The same numbers in another shape; -1 is whatever is left.</summary>
    public string Reshape(string x, params IReadOnlyList<int> shape) => Node("Reshape", [x, Whole(shape)]);

    /// <summary>Axes in another order.</summary>
    public string Transpose(string x, params IReadOnlyList<int> order) => Node("Transpose", [x], ("perm", order));

    /// <summary>Sum.</summary>
    public string Add(string x, string y) => Node("Add", [x, y]);

    /// <summary>Matrix product.</summary>
    public string MatMul(string x, string y) => Node("MatMul", [x, y]);

    /// <summary>Mean over an axis, which is dropped.</summary>
    public string Mean(string x, int axis) =>
        opset >= 18 ? Node("ReduceMean", [x, Whole(axis)], ("keepdims", 0)) : Node("ReduceMean", [x], ("axes", (int[])[axis]),
            ("keepdims", 0));

    /// <summary>Normalisation of the last axis.</summary>
    public string Norm(string x, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift) =>
        Node("LayerNormalization", [x, Constant(scale, scale.Length), Constant(shift, shift.Length)], ("axis", -1), ("epsilon", Epsilon));

    /// <summary>
    /// x Φ(x): an operator of its own where there is one, else written out, as exporters do; ONNX Runtime fuses it again.
    /// </summary>
    public string Gelu(string x)
    {
        if (opset >= 20) return Node("Gelu", [x]);
        var erf = Node("Erf", [Node("Div", [x, Constant([MathF.Sqrt(2)])])]);
        return Node("Mul", [Node("Mul", [x, Add(erf, Constant([1f]))]), Constant([0.5f])]);
    }

    /// <summary>An input of float32.</summary>
    public void Input(string name, params IReadOnlyList<int> shape) => _graph.Message(11, Info(name, shape));

    /// <summary>Names a value as the output.</summary>
    public void Output(string value, string name, params IReadOnlyList<int> shape)
    {
        Node("Identity", [value], name, "", []);
        _graph.Message(12, Info(name, shape));
    }

    /// <summary>The model, serialised.</summary>
    public byte[] ToBytes()
    {
        var model = new ProtocolBuffer().Number(1, IrVersion).Message(7, _graph.Text(2, "graph")).Message(8, new ProtocolBuffer().Text(1,
            "").Number(2, opset));
        if (_microsoft) model.Message(8, new ProtocolBuffer().Text(1, Microsoft).Number(2, 1));
        return model.ToArray();
    }

    private string Node(string operation, IReadOnlyList<string> inputs, string? output, string domain, IReadOnlyList<(string Name,
        object Value)> attributes)
    {
        output ??= Name();
        var node = new ProtocolBuffer();
        foreach (var input in inputs) node.Text(1, input);
        node.Text(2, output).Text(4, operation);
        foreach (var (name, value) in attributes) node.Message(5, Attribute(name, value));
        _graph.Message(1, node.Text(7, domain));
        return output;
    }

    private static ProtocolBuffer Attribute(string name, object value)
    {
        var attribute = new ProtocolBuffer().Text(1, name);
        switch (value)
        {
            case int number: return attribute.Number(3, number).Number(20, 2);
            case float number: return attribute.Float(2, number).Number(20, 1);
            case IReadOnlyList<int> numbers:
                foreach (var number in numbers) attribute.Number(8, number);
                return attribute.Number(20, 7);
            default: throw new ArgumentException($"an attribute cannot be a {value.GetType().Name}");
        }
    }

    private string Constant(int type, ReadOnlySpan<byte> values, IReadOnlyList<int> shape)
    {
        var (tensor, name) = (new ProtocolBuffer(), Name());
        foreach (var size in shape) tensor.Number(1, size);
        _graph.Message(5, tensor.Number(2, type).Text(8, name).Bytes(9, values));
        return name;
    }

    private static ProtocolBuffer Info(string name, IReadOnlyList<int> shape)
    {
        var sizes = new ProtocolBuffer();
        foreach (var size in shape) sizes.Message(1, new ProtocolBuffer().Number(1, size));
        var tensor = new ProtocolBuffer().Number(1, Float32).Message(2, sizes);
        return new ProtocolBuffer().Text(1, name).Message(2, new ProtocolBuffer().Message(1, tensor));
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"t{_names++}");
}
