namespace CrossModal.Training;

/// <summary>What an optimiser is given to update one parameter in place.</summary>
internal readonly ref struct ParameterUpdate
{
    /// <summary>The parameter's elements, to be changed.</summary>
    public required Span<float> Parameter { get; init; }

    /// <summary>Its gradient.</summary>
    public required ReadOnlySpan<float> Gradient { get; init; }

    /// <summary>The state the optimiser keeps for it, in the order of the names it declared; zeros before the first update.</summary>
    public required ReadOnlySpan<float[]> State { get; init; }

    /// <summary>How many updates the parameter has had, this one included: 1 at the first.</summary>
    public required long Step { get; init; }

    /// <summary>Learning rate of this update.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Weight decay of the parameter's group.</summary>
    public required double WeightDecay { get; init; }
}
