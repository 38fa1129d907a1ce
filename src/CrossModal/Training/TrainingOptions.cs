namespace CrossModal.Training;

/// <summary>How a run goes.</summary>
public sealed record TrainingOptions
{
    /// <summary>Steps of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>Samples per step, over all shards.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Seed of everything random in the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>What the optimiser's learning rate is multiplied by.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant();

    /// <summary>Largest norm of the gradient of what the optimiser trains; null for no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Decay of the averaged weights; null to keep none.</summary>
    public double? AverageDecay { get; init; }

    /// <summary>Steps between checkpoints; 0 for one at the end only.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>
    /// Parts of the batch that run side by side, one thread each. Null takes as many as there are processors, and for a resumed run
    /// as many as it had: another number rounds differently.
    /// </summary>
    public int? Shards { get; init; }

    /// <summary>
    /// Most samples of a shard computed at a time; null for all. Their gradients add up: the step is the same but for rounding, and
    /// what a part keeps for its gradient stays in the cache.
    /// </summary>
    public int? PartSize { get; init; }

    /// <summary>In how many parts a shard is computed.</summary>
    internal int PartsOfShard(int shards)
    {
        var largest = (BatchSize + shards - 1) / shards;
        return PartSize is { } size ? Math.Min((largest + size - 1) / size, BatchSize / shards) : 1;
    }

    /// <summary>Throws unless every number is in its range.</summary>
    /// <exception cref="ArgumentException">A number is not; the message names the option.</exception>
    internal void Check()
    {
        Require(Steps >= 1, nameof(Steps), Steps, "at least 1");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(ClipNorm is null or (> 0 and < double.PositiveInfinity), nameof(ClipNorm), ClipNorm, "positive and finite");
        Require(AverageDecay is null or (>= 0 and < 1), nameof(AverageDecay), AverageDecay, "in [0, 1)");
        Require(CheckpointEvery >= 0, nameof(CheckpointEvery), CheckpointEvery, "at least 0");
        Require(PartSize is null or >= 1, nameof(PartSize), PartSize, "at least 1");
        Require(Shards is null || (Shards >= 1 && Shards <= Math.Min(BatchSize, TrainingBatch.MostShards)), nameof(Shards), Shards,
            $"at least 1 and at most the batch size and {TrainingBatch.MostShards}");
    }

    private static void Require(bool condition, string option, object? value, string rule)
    {
        if (!condition) throw new ArgumentException(FormattableString.Invariant($"TrainingOptions: {option} must be {rule}, got {value}"));
    }
}
