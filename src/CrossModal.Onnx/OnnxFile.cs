namespace CrossModal.Onnx;

/// <summary>An input or an output of an exported model.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Element type: <c>float32</c>, <c>int64</c> or <c>bool</c>.</param>
/// <param name="Shape">Sizes as text: a number, or the name of a size that is open, such as <c>batch</c>.</param>
public sealed record OnnxPort(string Name, string Type, IReadOnlyList<string> Shape);

/// <summary>An exported model.</summary>
/// <param name="Path">The <c>.onnx</c> file.</param>
/// <param name="ManifestPath">The manifest beside it.</param>
/// <param name="DataPath">The file of large tensors beside it; null when the model holds them.</param>
/// <param name="Bytes">Bytes of the model and its tensors.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Outputs">Its outputs.</param>
/// <param name="Operators">Operators it is made of, and how many of each.</param>
public sealed record OnnxFile(string Path, string ManifestPath, string? DataPath, long Bytes,
    IReadOnlyList<OnnxPort> Inputs, IReadOnlyList<OnnxPort> Outputs,
    IReadOnlyDictionary<string, int> Operators);
