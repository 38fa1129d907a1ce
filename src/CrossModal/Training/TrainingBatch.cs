using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>Which part of which batch a loss function is to compute; its randomness comes from the seed, the step and the shard
/// alone.</summary>
public sealed class TrainingBatch
{
    internal const int MostShards = 1024;
    private readonly List<KeyValuePair<string, double>> _metrics = [];
    private readonly ulong _seed;

    internal TrainingBatch(ulong seed, int step, int shard, int shards, int batchSize)
    {
        _seed = seed;
        Shard = shard;
        Shards = shards;
        BatchSize = batchSize;
        First = (int)((long)batchSize * shard / shards);
        Count = (int)((long)batchSize * (shard + 1) / shards) - First;
        Random = new RandomSource(seed);
        BatchRandom = new RandomSource(seed);
        PassRandom = new RandomSource(seed);
        Restart(step);
    }

    /// <summary>Steps done before this one: 0 at the first.</summary>
    public int Step { get; private set; }

    /// <summary>This part, from 0.</summary>
    public int Shard { get; }

    /// <summary>Parts of the batch.</summary>
    public int Shards { get; }

    /// <summary>Samples of the whole batch.</summary>
    public int BatchSize { get; }

    /// <summary>The first of this part's samples within the batch.</summary>
    public int First { get; }

    /// <summary>How many samples this part has.</summary>
    public int Count { get; }

    /// <summary>Randomness of this part, for augmentation and the like.</summary>
    public RandomSource Random { get; }

    /// <summary>Randomness that is the same in every part: draw the whole batch with it, and use the samples from <see cref="First"/>
    /// on.</summary>
    public RandomSource BatchRandom { get; }

    /// <summary>Reports a number beside the loss: a mean over this part's samples.</summary>
    public void Report(string metric, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        _metrics.Add(new(metric, value));
    }

    internal List<KeyValuePair<string, double>> Metrics => _metrics;

    /// <summary>Share of the batch that this part is.</summary>
    internal double Share => (double)Count / BatchSize;

    /// <summary>Randomness of dropout in this part.</summary>
    internal RandomSource PassRandom { get; }

    /// <summary>The same part of another step's batch.</summary>
    internal void Restart(int step)
    {
        Step = step;
        Random.Restart(_seed, Stream(step, Shard, 1));
        BatchRandom.Restart(_seed, Stream(step, 0, 2));
        PassRandom.Restart(_seed, Stream(step, Shard, 3));
        _metrics.Clear();
    }

    // The highest bit keeps these streams apart from the small numbers used for first weights.
    private static ulong Stream(int step, int shard, uint purpose) => 1UL << 63 | (ulong)step << 20 | (ulong)shard << 4 | purpose;
}
