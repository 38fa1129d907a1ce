using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;

namespace CrossModal.Inference;

/// <summary>A linear layer or a convolution with constant weights and what follows it that one step can do: activation, residual,
/// normalisation.</summary>
/// <param name="Linear">The layer.</param>
internal sealed record LinearChain(GraphNode Linear)
{
    /// <summary>The activation, if one follows.</summary>
    public EpilogueActivation Activation { get; private init; }

    /// <summary>What is added after the activation, if anything.</summary>
    public Value? Residual { get; private init; }

    /// <summary>The normalisation of the result, if one follows.</summary>
    public GraphNode? Norm { get; private init; }

    /// <summary>The last node before the normalisation: where the step stands, for then all it reads is known.</summary>
    public required GraphNode Tail { get; init; }

    /// <summary>Everything the step does.</summary>
    public required IReadOnlyList<GraphNode> Nodes { get; init; }

    /// <summary>Whether somebody besides the normalisation reads the result before it.</summary>
    public bool KeepsSum => Norm is null || Tail.Output.OnlyConsumer is null;

    /// <summary>The linear layer that makes a value, with constant weights; null when something else does.</summary>
    public static GraphNode? Projection(Value value) =>
        value.Producer is { Operation: LinearOp } node && node.Inputs.Skip(1).All(i => i.Constant is not null) ? node : null;

    /// <summary>The activation that a node is; null when it is none.</summary>
    public static EpilogueActivation? ActivationOf(GraphNode node) => node.Operation switch
    {
        ReluOp => EpilogueActivation.Relu,
        GeluOp => EpilogueActivation.Gelu,
        GeluTanhOp => EpilogueActivation.GeluTanh,
        QuickGeluOp => EpilogueActivation.QuickGelu,
        SiluOp => EpilogueActivation.Silu,
        SigmoidOp => EpilogueActivation.Sigmoid,
        TanhOp => EpilogueActivation.Tanh,
        _ => null,
    };

    /// <summary>What can be done in one step, starting from a linear layer or a convolution.</summary>
    /// <param name="linear">The layer.</param>
    /// <param name="taken">Whether another step does a node already: the sum of two layers belongs to one of them.</param>
    public static LinearChain Of(GraphNode linear, Func<GraphNode, bool> taken)
    {
        var nodes = new List<GraphNode> { linear };
        var activation = EpilogueActivation.None;
        if (Follower(nodes) is { } function && ActivationOf(function) is { } known)
        {
            nodes.Add(function);
            activation = known;
        }

        Value? residual = null;
        if (Follower(nodes) is { Operation: AddOp } add && !taken(add) && Other(add, nodes[^1].Output) is { } other
            && other.Shape == add.Output.Shape && nodes[^1].Output.Shape == other.Shape)
        {
            nodes.Add(add);
            residual = other;
        }

        var tail = nodes[^1];
        var norm = tail.Output.Consumers.Find(c =>
            c.Operation is LayerNormOp && c.Stage == tail.Stage && c.Inputs.Skip(1).All(i => i.Constant is not null));
        if (norm is not null) nodes.Add(norm);
        return new LinearChain(linear) { Activation = activation, Residual = residual, Norm = norm, Tail = tail, Nodes = nodes };
    }

    /// <summary>The only reader of what the last node makes, when it runs in the same stage.</summary>
    private static GraphNode? Follower(List<GraphNode> nodes) =>
        nodes[^1].Output.OnlyConsumer is { } next && next.Stage == nodes[^1].Stage ? next : null;

    private static Value? Other(GraphNode add, Value one) =>
        add.Inputs[0] == add.Inputs[1] ? null : add.Inputs[0] == one ? add.Inputs[1] : add.Inputs[0];
}
