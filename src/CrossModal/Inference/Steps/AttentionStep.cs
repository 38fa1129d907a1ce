using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>Attention of projected queries, keys and values, in whatever way the operation attends.</summary>
internal sealed class AttentionStep : Step, IAttentionStep
{
    private readonly AttendingOperation _operation;
    private readonly GraphNode _node;
    private readonly AttentionShape _shape;
    private readonly TokenColumns[] _tokens;

    /// <summary>Makes the step.</summary>
    /// <param name="operation">How it attends.</param>
    /// <param name="node">The recorded attention; its weights are written if something in the plan reads them.</param>
    /// <param name="tokens">Where queries, keys and values lie: as recorded, or, where the operation takes columns, beside others.</param>
    public AttentionStep(AttendingOperation operation, GraphNode node, params TokenColumns[] tokens)
        : base(operation.Options.Layer ?? "", node.Stage,
            [.. tokens.Select(t => t.Value), .. node.Inputs.Skip(AttendingOperation.AfterValues)],
            node.ReadsWeights ? node.Outputs : [node.Output])
    {
        (_operation, _node, _tokens) = (operation, node, tokens);
        _shape = operation.Sizes(node.Inputs[0].Shape, node.Inputs[1].Shape, node.Inputs[2].Shape);
    }

    /// <inheritdoc/>
    public override string Action => _operation.Name;

    /// <summary>Floating-point operations; of softmax attention the multiply-adds alone, as of an absorbed one, so that the two
    /// compare.</summary>
    public override double Flops => _operation is AttentionOp
        ? 2.0 * _shape.Batch * _shape.Heads * _shape.Queries * _shape.Keys * (_shape.HeadDim + _shape.ValueDim)
        : _operation.Flops(Array.ConvertAll(_node.Inputs, v => v.Shape));

    /// <inheritdoc/>
    public Shape WeightsShape => [_shape.Batch, _shape.Heads, _shape.Queries, _shape.Keys];

    /// <inheritdoc/>
    public Tensor? Weights { get; set; }

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        var read = Writes.Length > 1 ? Writes[1].Memory : null;
        var (mask, ids) = (Input(_operation.MaskAt),
            _operation.MaskAt > AttendingOperation.AfterValues ? Input(AttendingOperation.AfterValues) : null);
        _operation.Attend(new AttendingCall
        {
            Shape = _shape,
            Q = Rows(0),
            K = Rows(1),
            V = Rows(2),
            Mask = mask is null ? default : mask.Span,
            MaskShape = MaskShapes.Of(mask),
            Ids = ids is null ? default : ids.Span,
            Output = _node.Output.Span,
            Weights = (Weights ?? read) is { } weights ? weights.Span : default,
            SumsInPieces = true,
            Workers = workers,
        });
        if (read is not null && Weights is not null) Weights.Span.CopyTo(read.Span);
    }

    private TokenRows Rows(int input) => new(_tokens[input].Span, _tokens[input].Row);

    private Value? Input(int input) => _node.Inputs.Length > input ? _node.Inputs[input] : null;
}
