using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>One application of an operation: what went in, what came out, what the backward needs.</summary>
public sealed class Node
{
    internal Node(Operation operation, Tensor[] inputs, Tensor[] outputs, Tensor[] saved, Workers workers)
    {
        Operation = operation;
        Inputs = inputs;
        Outputs = outputs;
        Saved = saved;
        Workers = workers;
    }

    /// <summary>What was applied.</summary>
    public Operation Operation { get; }

    /// <summary>The tensors read, in the operation's order.</summary>
    public IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>The tensors made.</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>What the forward kept for the backward; empty when no gradient is wanted.</summary>
    public IReadOnlyList<Tensor> Saved { get; }

    /// <summary>The threads kernels may use.</summary>
    public Workers Workers { get; }

    /// <summary>What a replay drew for an operation that draws a seed; null until then: the operation's own seed holds.</summary>
    public ulong? DrawnSeed { get; internal set; }

    /// <summary>Elements of an input.</summary>
    public ReadOnlySpan<float> Input(int index) => Inputs[index].Span;

    /// <summary>Elements of an optional trailing input; empty when it was not given.</summary>
    public ReadOnlySpan<float> OptionalInput(int index) => index < Inputs.Count ? Inputs[index].Span : default;

    /// <summary>Elements of an output.</summary>
    public Span<float> Output(int index = 0) => Outputs[index].Span;

    /// <summary>Elements of what is kept for the backward; empty when nothing is kept.</summary>
    public Span<float> SavedSpan(int index) => index < Saved.Count ? Saved[index].Span : default;

    /// <summary>Shape of an input.</summary>
    public Shape InputShape(int index) => Inputs[index].Shape;
}
