namespace CrossModal.Checkpoints;

/// <summary>What a published configuration says it is of.</summary>
internal sealed record PublishedKind
{
    /// <summary>The kind of model.</summary>
    public string? ModelType { get; init; }

    /// <summary>The modules whose weights are stored; null or empty for those of the model alone.</summary>
    public string?[]? Architectures { get; init; }
}
