namespace CrossModal.Engine.Kernels;

/// <summary>Where the gradients of a sparse attention's inputs are written, each in its input's shape; the mask's may be empty.</summary>
internal readonly ref struct SparseGradients
{
    /// <summary>Of the queries.</summary>
    public Span<float> Q { get; init; }

    /// <summary>Of the keys.</summary>
    public Span<float> K { get; init; }

    /// <summary>Of the values.</summary>
    public Span<float> V { get; init; }

    /// <summary>Of the mask, or empty.</summary>
    public Span<float> Mask { get; init; }
}
