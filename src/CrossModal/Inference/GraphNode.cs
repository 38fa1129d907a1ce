using CrossModal.Engine.Recording;

namespace CrossModal.Inference;

/// <summary>One recorded application of an operation, between values.</summary>
internal sealed class GraphNode(Operation operation, int position, Value[] inputs)
{
    /// <summary>What is applied.</summary>
    public Operation Operation { get; } = operation;

    /// <summary>Its place in the record.</summary>
    public int Position { get; } = position;

    /// <summary>What it reads.</summary>
    public Value[] Inputs { get; } = inputs;

    /// <summary>What it makes.</summary>
    public Value[] Outputs { get; set; } = [];

    /// <summary>When it runs: as late as the latest of what it reads.</summary>
    public Stage Stage { get; } = inputs.Length == 0 ? Stage.Constant : inputs.Max(input => input.Stage);

    /// <summary>Whether something reads its further results: the weights of an attention.</summary>
    public bool ReadsWeights => Outputs.Skip(1).Any(weights => weights.IsOutput || weights.Consumers.Count > 0);

    /// <summary>Its first result.</summary>
    public Value Output => Outputs[0];
}
