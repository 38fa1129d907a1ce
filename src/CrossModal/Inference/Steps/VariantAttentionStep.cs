using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference.Steps;

/// <summary>Attention other than softmax over all keys, run as recorded; it can show the weights it uses.</summary>
internal sealed class VariantAttentionStep(AttendingOperation operation, GraphNode node)
    : Step(operation.Options.Layer ?? "", node.Stage, node.Inputs, [node.Output]), IAttentionStep
{
    private readonly Tensor[] _inputs = new Tensor[node.Inputs.Length];
    private readonly Tensor[] _outputs = new Tensor[1];
    private Node? _application;
    private Tensor? _unread; // of an operation that was recorded with weights that nobody reads

    /// <inheritdoc/>
    public override string Action => operation.Name;

    /// <inheritdoc/>
    public override double Flops => operation.Flops(Array.ConvertAll(Reads, v => v.Shape));

    /// <inheritdoc/>
    public Shape WeightsShape => operation.WeightsShape(Array.ConvertAll(Reads, v => v.Shape));

    /// <inheritdoc/>
    public Tensor? Weights { get; set; }

    /// <inheritdoc/>
    public override void Prepare(Workers workers)
    {
        _outputs[0] = Writes[0].Memory;
        _application = new Node(operation, _inputs, _outputs, [], workers);
        if (operation.Options.WithWeights) _unread = Tensor.Zeros(WeightsShape);
    }

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        // What a frame brings lies elsewhere each time.
        for (var i = 0; i < _inputs.Length; i++) _inputs[i] = Reads[i].Memory;
        if ((Weights ?? _unread) is { } weights) Show(operation.Showing(), weights, workers);
        else operation.Forward(_application!);
    }

    private void Show(AttendingOperation showing, Tensor weights, Workers workers) =>
        showing.Forward(new Node(showing, _inputs, [_outputs[0], weights], [], workers));
}
