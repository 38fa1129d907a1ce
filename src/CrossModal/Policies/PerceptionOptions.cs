namespace CrossModal.Policies;

/// <summary>What visual tokens are told about where they lie.</summary>
public enum VisualPositions
{
    /// <summary>Sines and cosines of row and column.</summary>
    Grid,

    /// <summary>Sines and cosines of the token's number, row by row.</summary>
    Line,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>How a policy makes tokens of pictures and words before its strategy fuses them.</summary>
public sealed record PerceptionOptions
{
    /// <summary>What visual tokens are told about where they lie.</summary>
    public VisualPositions Positions { get; init; }

    /// <summary>Layers in which words look at each other; with 0 a word knows its place and nothing of the others.</summary>
    public int WordLayers { get; init; } = 1;
}
