using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;

namespace CrossModal.Onnx;

/// <summary>Writes a model as an <c>.onnx</c> file, and its large tensors into a file beside it when they are too many for one message
/// (onnx.proto; field numbers are those of ONNX 1.18).</summary>
internal static class ModelFile
{
    // Version 8 is what opset 17 came with, 11 what opset 23 did.
    private const int LegacyVersion = 8;
    private const int CurrentVersion = 11;
    private const int NewFromOpset = 20;

    // Runtimes map the file into memory: tensors begin at page boundaries. What is smaller than a page stays in the model.
    private const int Page = 4096;

    /// <summary>Name of the file of large tensors that goes with a model.</summary>
    public static string DataPath(string path) => path + ".data";

    /// <summary>Writes the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The <c>.onnx</c> file.</param>
    /// <param name="mostInside">The most bytes of tensors that are kept inside the model.</param>
    /// <returns>Whether a file of tensors was written beside it.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static bool Write(OnnxModel model, string path, long mostInside)
    {
        var outside = model.Tensors.Sum(tensor => tensor.Bytes) > mostInside
            ? model.Tensors.Where(tensor => tensor.Integers is null && tensor.Bytes >= Page).ToList() : [];
        var places = new Dictionary<OnnxTensor, long>(ReferenceEqualityComparer.Instance);
        long end = 0;
        foreach (var tensor in outside)
        {
            places[tensor] = end;
            end += (tensor.Bytes + Page - 1) / Page * Page;
        }

        if (outside.Count > 0) AtomicFile.Write(DataPath(path), stream => WriteData(stream, outside));
        var message = Message(model, tensor => places.TryGetValue(tensor, out var at) ? External(tensor, path, at) : Inside(tensor));
        AtomicFile.Write(path, message.Write);
        if (outside.Count == 0) File.Delete(DataPath(path));
        return outside.Count > 0;
    }

    private static void WriteData(Stream stream, List<OnnxTensor> tensors)
    {
        Span<byte> padding = stackalloc byte[Page];
        padding.Clear();
        foreach (var tensor in tensors)
        {
            ProtoMessage.WriteFloats(stream, tensor.Floats);
            stream.Write(padding[..(int)((Page - tensor.Bytes % Page) % Page)]);
        }
    }

    private static ProtoMessage Message(OnnxModel model, Func<OnnxTensor, ProtoMessage> store)
    {
        var graph = new ProtoMessage().AddAll(1, model.Nodes.Select(Node)).Add(2, model.Name).AddAll(5, model.Tensors.Select(store))
            .AddAll(11, model.Inputs.Select(Value)).AddAll(12, model.Outputs.Select(Value));
        var version = typeof(ModelFile).Assembly.GetName().Version?.ToString(3) ?? "";
        return new ProtoMessage().Add(1, model.Opset < NewFromOpset ? LegacyVersion : CurrentVersion)
            .Add(2, "CrossModal").Add(3, version).Add(7, graph)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, model.Opset))
            .AddAll(14, model.Metadata.Select(text => new ProtoMessage().Add(1, text.Key).Add(2, text.Value)));
    }

    private static ProtoMessage Node(OnnxNode node)
    {
        var message = new ProtoMessage();
        foreach (var input in node.Inputs) message.Add(1, input);
        foreach (var output in node.Outputs) message.Add(2, output);
        var attributes = node.Attributes.Select(attribute => Attribute(attribute.Name, attribute.Value));
        return message.Add(3, node.Name).Add(4, node.Operator).AddAll(5, attributes);
    }

    private static ProtoMessage Attribute(string name, object value)
    {
        const int Type = 20;
        var message = new ProtoMessage().Add(1, name);
        switch (value)
        {
            case float real: return message.Add(2, real).Add(Type, 1);
            case long number: return message.Add(3, number).Add(Type, 2);
            case string text: return message.Add(4, text).Add(Type, 3);
            default:
                foreach (var number in (long[])value) message.Add(8, number);
                return message.Add(Type, 7);
        }
    }

    private static ProtoMessage Value(OnnxValue value)
    {
        var shape = new ProtoMessage().AddAll(1, value.Shape.Select(Size));
        var tensor = new ProtoMessage().Add(1, (long)value.Kind).Add(2, shape);
        return new ProtoMessage().Add(1, value.Name).Add(2, new ProtoMessage().Add(1, tensor));
    }

    private static ProtoMessage Size(Dim dim) =>
        dim.IsConstant ? new ProtoMessage().Add(1, dim.Constant) : new ProtoMessage().Add(2, dim.ToString());

    private static ProtoMessage Inside(OnnxTensor tensor) => tensor.Integers is { } integers
        ? Header(tensor, ElementKind.Int64).Add(9, MemoryMarshal.AsBytes<long>(integers).ToArray())
        : Header(tensor, ElementKind.Float).Add(9, tensor.Floats);

    private static ProtoMessage External(OnnxTensor tensor, string path, long offset)
    {
        var message = Header(tensor, ElementKind.Float);
        (string Key, string Value)[] entries = [("location", Path.GetFileName(DataPath(path))), ("offset", $"{offset}"),
            ("length", $"{tensor.Bytes}")];
        foreach (var (key, value) in entries) message.Add(13, new ProtoMessage().Add(1, key).Add(2, value));
        return message.Add(14, 1);
    }

    private static ProtoMessage Header(OnnxTensor tensor, ElementKind kind)
    {
        var message = new ProtoMessage();
        foreach (var size in tensor.Shape) message.Add(1, (long)size);
        return message.Add(2, (long)kind).Add(8, tensor.Name);
    }
}
