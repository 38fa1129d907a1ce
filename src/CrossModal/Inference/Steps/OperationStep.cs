using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>A recorded operation run as it is, on planned memory: what makes every strategy compile.</summary>
internal sealed class OperationStep(string layer, GraphNode node) : Step(layer, node.Stage, node.Inputs, node.Outputs)
{
    private readonly Tensor[] _inputs = new Tensor[node.Inputs.Length];
    private readonly Tensor[] _outputs = new Tensor[node.Outputs.Length];
    private Node? _application;

    /// <inheritdoc/>
    public override string Action => node.Operation.Name;

    /// <inheritdoc/>
    public override double Flops => node.Operation.Flops(Array.ConvertAll(Reads, v => v.Shape));

    /// <inheritdoc/>
    public override void Prepare(Workers workers)
    {
        for (var i = 0; i < _outputs.Length; i++) _outputs[i] = Writes[i].Memory;
        _application = new Node(node.Operation, _inputs, _outputs, [], workers);
    }

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        // What a frame brings lies elsewhere each time.
        for (var i = 0; i < _inputs.Length; i++) _inputs[i] = Reads[i].Memory;
        node.Operation.Forward(_application!);
    }
}
