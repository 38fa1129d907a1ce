using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>Computes a batch's gradient in parts side by side, and sums the parts in a fixed order.</summary>
internal sealed class GradientShards(Func<Pass, TrainingBatch, Tensor> loss, TrainingOptions options, int shards, TensorPool pool) : IDisposable
{
    private readonly Workers _workers = new(Math.Min(shards, Environment.ProcessorCount));
    private readonly TrainingBatch[] _batches = new TrainingBatch[shards];
    private readonly Gradients?[] _gradients = new Gradients?[shards];
    private readonly double[] _losses = new double[shards];

    /// <summary>The gradient of the mean loss over the batch; the caller disposes it.</summary>
    /// <param name="step">Steps done before.</param>
    /// <param name="meanLoss">The mean loss.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public Gradients Compute(int step, out double meanLoss)
    {
        for (var shard = 0; shard < shards; shard++) _batches[shard] = new TrainingBatch(options.Seed, step, shard, shards, options.BatchSize);
        try
        {
            var job = new Job(this);
            _workers.Run(shards, ref job);
            meanLoss = 0;
            for (var shard = 0; shard < shards; shard++) meanLoss += _batches[shard].Share * _losses[shard];
            if (!double.IsFinite(meanLoss)) throw new TrainingDivergedException(step + 1, FormattableString.Invariant($"the loss is {meanLoss}"));
            var sum = _gradients[0]!;
            for (var shard = 1; shard < shards; shard++) sum.Add(_gradients[shard]!);
            _gradients[0] = null;
            return sum;
        }
        finally
        {
            for (var shard = 0; shard < shards; shard++)
            {
                _gradients[shard]?.Dispose();
                _gradients[shard] = null;
            }
        }
    }

    /// <summary>The metrics of the batch computed last: means over its parts, in the order of their first report.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Metrics()
    {
        var sums = new OrderedDictionary<string, (double Sum, double Share)>();
        foreach (var batch in _batches)
        {
            foreach (var (name, value) in batch.Metrics)
            {
                var (sum, share) = sums.GetValueOrDefault(name);
                sums[name] = (sum + batch.Share * value, share + batch.Share);
            }
        }

        return [.. sums.Select(m => KeyValuePair.Create(m.Key, m.Value.Sum / m.Value.Share))];
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose() => _workers.Dispose();

    private void ComputeShard(int shard)
    {
        var batch = _batches[shard];
        using var pass = Pass.Training(batch.PassRandom(), workers: Workers.Single, pool: pool);
        var value = loss(pass, batch);
        if (value.Shape.Length != 1) throw new ShapeException("Training", $"the loss function must return a single number, got {value.Shape}");
        _losses[shard] = value.Item();

        // The walk back from such a loss is of no use; the caller reports it.
        if (!double.IsFinite(_losses[shard])) return;
        _gradients[shard] = pass.Backward(value);
        if (shards > 1) _gradients[shard]!.Scale((float)batch.Share);
    }

    private readonly struct Job(GradientShards shards) : IWorkBody
    {
        public void Execute(int part) => shards.ComputeShard(part);
    }
}
