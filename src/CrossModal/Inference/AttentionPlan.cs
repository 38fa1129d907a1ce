using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;

namespace CrossModal.Inference;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head.

/// <summary>How one recorded softmax attention will be computed: which projections are absorbed, and which are joined.</summary>
internal sealed class AttentionPlan
{
    private readonly AttentionOp _operation;

    /// <summary>Chooses the plan of an attention.</summary>
    /// <param name="node">The attention.</param>
    /// <param name="operation">What it applies.</param>
    /// <param name="options">What the caller allows and expects.</param>
    public AttentionPlan(GraphNode node, AttentionOp operation, SessionOptions options)
    {
        (Node, _operation) = (node, operation);
        var (query, key, value) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        var (keyProjection, valueProjection) = (Projection(key), Projection(value));
        Shape = operation.Sizes(query.Shape, key.Shape, value.Shape);
        Association = Choose(keyProjection, valueProjection, options);
        if (Association != Association.Ordinary) AbsorbedKeys = keyProjection;
        if (Association == Association.KeysAndValues) AbsorbedValues = valueProjection;
        Joined = [.. new[] { Projection(query), keyProjection, valueProjection }.OfType<GraphNode>()
            .Where(p => p != AbsorbedKeys && p != AbsorbedValues)
            .GroupBy(p => p.Inputs[0]).Where(g => g.Count() > 1).Select(g => g.ToArray())];
    }

    /// <summary>The attention.</summary>
    public GraphNode Node { get; }

    /// <summary>Sizes.</summary>
    public AttentionShape Shape { get; }

    /// <summary>H.</summary>
    public int Heads => _operation.Heads;

    /// <summary>What scores are multiplied by.</summary>
    public float Scale => _operation.Options.Scale ?? 1 / MathF.Sqrt(Shape.HeadDim);

    /// <summary>The layer's path.</summary>
    public string Layer => _operation.Options.Layer ?? "";

    /// <summary>What was chosen.</summary>
    public Association Association { get; }

    /// <summary>The projection of keys, when it is absorbed.</summary>
    public GraphNode? AbsorbedKeys { get; }

    /// <summary>The projection of values, when it is absorbed.</summary>
    public GraphNode? AbsorbedValues { get; }

    /// <summary>Projections of the same tokens that are computed as one product.</summary>
    public IReadOnlyList<GraphNode[]> Joined { get; }

    /// <summary>The mask, or null.</summary>
    public Value? Mask => Node.Inputs.Length > 3 ? Node.Inputs[3] : null;

    private Association Choose(GraphNode? keys, GraphNode? values, SessionOptions options)
    {
        if (options.Absorption == Absorption.Never || keys is null) return Association.Ordinary;
        var most = values is null ? Association.Keys : Association.KeysAndValues;
        if (options.Association is { } wanted) return wanted < most ? wanted : most;
        if (options.Absorption == Absorption.Always) return most;
        var changing = options.InstructionStays ? Node.Stage : Stage.Instruction;
        var sizes = new AssociationSizes(
            Shape.Batch, Shape.Queries, Shape.Keys, Heads, Shape.HeadDim, Width(keys), values is null ? 0 : Width(values),
            QueriesHoisted: Node.Inputs[0].Stage < changing, KeysHoisted: keys.Stage < changing, ValuesHoisted: values is null
                || values.Stage < changing)
        {
            ValueDim = Shape.ValueDim,
        };
        return CostModel.Cheapest(sizes, most, CostConstants.Here);
    }

    private static int Width(GraphNode projection) => projection.Inputs[1].Shape[1];

    /// <summary>The projection that makes a value for this attention alone.</summary>
    private GraphNode? Projection(Value value) =>
        value.OnlyConsumer == Node && value.Shape.Rank == 3 ? LinearChain.Projection(value) : null;
}
