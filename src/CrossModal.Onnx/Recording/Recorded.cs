using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Onnx;

/// <summary>A result of a recorded pass that a model gives out.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Value">The tensor.</param>
internal sealed record RecordedOutput(string Name, Tensor Value);

/// <summary>A forward pass recorded on inputs of one set of sizes.</summary>
/// <param name="Sizes">The sizes by name.</param>
/// <param name="Nodes">What was applied.</param>
/// <param name="Inputs">What the pass was given, in an order that is the same for all sizes.</param>
/// <param name="Outputs">The results.</param>
internal sealed record Recorded(IReadOnlyDictionary<string, int> Sizes, IReadOnlyList<Node> Nodes, IReadOnlyList<Tensor> Inputs,
    IReadOnlyList<RecordedOutput> Outputs);

/// <summary>Where a tensor of a record comes from: an output of a node, an input of the pass, or numbers that nothing made.</summary>
/// <param name="Node">The node; −1 for an input.</param>
/// <param name="Index">Which output of it, or which input.</param>
internal readonly record struct Origin(int Node, int Index);
