using System.Text;

namespace CrossModal.OnnxRuntime;

/// <summary>Makes a value inside an ONNX model one of its outputs.</summary>
/// <remarks>Parts of a protocol-buffer message that come twice are merged: a second graph behind the first, holding nothing but an output,
/// adds that output.</remarks>
internal static class GraphOutput
{
    // Keys of the fields ModelProto.graph, GraphProto.output and ValueInfoProto.name.
    private const byte Graph = 7 << 3 | 2, Output = 12 << 3 | 2, Name = 1 << 3 | 2;

    /// <summary>The model with one more output.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">Name of a value that is not an output yet.</param>
    public static byte[] Added(byte[] model, string name) =>
        [.. model, .. Field(Graph, Field(Output, Field(Name, Encoding.UTF8.GetBytes(name))))];

    private static byte[] Field(byte key, byte[] content)
    {
        var bytes = new List<byte> { key };
        var length = (uint)content.Length;
        for (; length >= 128; length >>= 7) bytes.Add((byte)(length | 128));
        bytes.Add((byte)length);
        return [.. bytes, .. content];
    }
}
