namespace CrossModal.Policies;

/// <summary>How a policy is optimised, whatever its loss: AdamW with β₂ = 0.98, a warm-up, a cosine to 0, clipping at norm 1, averaged
/// weights.</summary>
public sealed record PolicyRecipe
{
    /// <summary>Steps of the optimiser.</summary>
    public required int Steps { get; init; }

    /// <summary>Samples in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Largest learning rate, which the warm-up ends with.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Seed of weights and batches.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps of the warm-up, but at most a quarter of all.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>Weight decay of matrices; vectors have none.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the averaged weights, which are kept in the end.</summary>
    public double AverageDecay { get; init; } = 0.99;

    /// <summary>Threads that share a batch; another number rounds differently.</summary>
    public int Shards { get; init; } = 2;
}
