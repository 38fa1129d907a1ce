using System.Text;
using CrossModal.Datasets;

namespace CrossModal.Weights;

/// <summary>A stored tensor of an ONNX model.</summary>
/// <param name="Sizes">Its sizes.</param>
/// <param name="IsFloat">Whether its elements are float32.</param>
/// <param name="Bytes">Its raw data.</param>
internal sealed record OnnxTensor(int[] Sizes, bool IsFloat, byte[] Bytes);

/// <summary>An operation of an ONNX model.</summary>
/// <param name="Operation">What it does, as <c>MatMul</c>.</param>
/// <param name="Inputs">Names of its inputs.</param>
/// <param name="Outputs">Names of its outputs.</param>
internal sealed record OnnxNode(string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>The operations and the stored tensors of an ONNX model; all else in the file is passed over.</summary>
/// <param name="Nodes">Operations, in their order.</param>
/// <param name="Tensors">Stored tensors by name.</param>
internal sealed record OnnxGraph(IReadOnlyList<OnnxNode> Nodes, IReadOnlyDictionary<string, OnnxTensor> Tensors)
{
    // Field numbers of onnx.proto: of ModelProto, GraphProto, NodeProto and TensorProto.
    private const int Graph = 7, Node = 1, Initializer = 5, Input = 1, Output = 2, OperationType = 4;
    private const int Sizes = 1, DataType = 2, Name = 8, RawData = 9, FloatData = 4;
    private const int Float = 1;

    /// <summary>Reads a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="name">The file's name, for errors.</param>
    /// <exception cref="Engine.Formats.FileFormatException">The file is damaged.</exception>
    public static OnnxGraph Read(ReadOnlySpan<byte> file, string name)
    {
        var (nodes, tensors) = (new List<OnnxNode>(), new Dictionary<string, OnnxTensor>());
        var model = new ProtobufReader(file, name);
        while (model.Next() is var (field, wire))
        {
            if (field != Graph)
            {
                model.Skip(wire);
                continue;
            }

            var graph = new ProtobufReader(model.Bytes(wire), name);
            while (graph.Next() is var (part, kind))
            {
                if (part == Node) nodes.Add(ReadNode(graph.Bytes(kind), name));
                else if (part == Initializer) AddTensor(graph.Bytes(kind), name, tensors);
                else graph.Skip(kind);
            }
        }

        return new OnnxGraph(nodes, tensors);
    }

    private static OnnxNode ReadNode(ReadOnlySpan<byte> message, string name)
    {
        var (inputs, outputs, operation) = (new List<string>(), new List<string>(), "");
        var node = new ProtobufReader(message, name);
        while (node.Next() is var (field, wire))
        {
            if (field == Input) inputs.Add(Encoding.UTF8.GetString(node.Bytes(wire)));
            else if (field == Output) outputs.Add(Encoding.UTF8.GetString(node.Bytes(wire)));
            else if (field == OperationType) operation = Encoding.UTF8.GetString(node.Bytes(wire));
            else node.Skip(wire);
        }

        return new OnnxNode(operation, inputs, outputs);
    }

    private static void AddTensor(ReadOnlySpan<byte> message, string name, Dictionary<string, OnnxTensor> tensors)
    {
        var (sizes, type, key, bytes) = (new List<int>(), 0, "", Array.Empty<byte>());
        var tensor = new ProtobufReader(message, name);
        while (tensor.Next() is var (field, wire))
        {
            if (field == Sizes && wire == ProtobufReader.Varint) sizes.Add((int)tensor.Whole());
            else if (field == Sizes) AddPacked(tensor.Bytes(wire), name, sizes);
            else if (field == DataType) type = (int)tensor.Whole();
            else if (field == Name) key = Encoding.UTF8.GetString(tensor.Bytes(wire));
            else if (field == RawData || (field == FloatData && wire == ProtobufReader.Delimited)) bytes = tensor.Bytes(wire).ToArray();
            else tensor.Skip(wire);
        }

        tensors[key] = new OnnxTensor([.. sizes], type == Float, bytes);
    }

    private static void AddPacked(ReadOnlySpan<byte> packed, string name, List<int> sizes)
    {
        var numbers = new ProtobufReader(packed, name);
        while (numbers.Left > 0) sizes.Add((int)numbers.Whole());
    }
}
