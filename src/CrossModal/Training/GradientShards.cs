using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>Computes a batch's gradient in shards side by side, each in one or more parts, and sums the shards in a fixed order.</summary>
internal sealed class GradientShards : IDisposable
{
    private readonly TrainingBatch[] _parts;
    private readonly double[] _losses;
    private readonly ShardLoss[] _shards;
    private readonly Gradients[] _gradients;
    private readonly List<(string Name, double Sum, double Share)> _sums = [];

    /// <summary>Prepares the shards.</summary>
    /// <param name="create">Makes what computes one shard.</param>
    /// <param name="options">Batch size, seed, size of a part.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="trained">The parameters whose gradients are computed.</param>
    /// <param name="pool">Where memory is borrowed.</param>
    public GradientShards(Func<ShardLoss> create, TrainingOptions options, int shards, IReadOnlyCollection<Tensor> trained, TensorPool pool)
    {
        Workers = new Workers(Math.Min(shards, Environment.ProcessorCount));
        var parts = shards * options.PartsOfShard(shards);
        _losses = new double[parts];
        _parts = new TrainingBatch[parts];
        for (var part = 0; part < parts; part++) _parts[part] = new TrainingBatch(options.Seed, 0, part, parts, options.BatchSize);
        (_shards, _gradients) = (new ShardLoss[shards], new Gradients[shards]);
        for (var shard = 0; shard < shards; shard++) (_shards[shard], _gradients[shard]) = (create(), new Gradients(pool, trained));
    }

    /// <summary>The threads of the shards.</summary>
    public Workers Workers { get; }

    /// <summary>The gradient of the mean loss over the batch; valid until the next call.</summary>
    /// <param name="step">Steps done before.</param>
    /// <param name="meanLoss">The mean loss.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public Gradients Compute(int step, out double meanLoss)
    {
        foreach (var part in _parts) part.Restart(step);
        var job = new Job(this);
        Workers.Run(_shards.Length, ref job);
        meanLoss = 0;
        for (var part = 0; part < _parts.Length; part++) meanLoss += _parts[part].Share * _losses[part];
        if (!double.IsFinite(meanLoss))
            throw new TrainingDivergedException(step + 1, FormattableString.Invariant($"the loss is {meanLoss}"));
        for (var shard = 1; shard < _shards.Length; shard++) _gradients[0].Add(_gradients[shard], Workers);
        return _gradients[0];
    }

    /// <summary>The metrics of the batch computed last: means over its parts, in the order of their first report.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Metrics()
    {
        _sums.Clear();
        foreach (var part in _parts)
        {
            foreach (var (name, value) in part.Metrics)
            {
                var index = 0;
                while (index < _sums.Count && _sums[index].Name != name) index++;
                if (index == _sums.Count) _sums.Add((name, 0, 0));
                var (_, sum, share) = _sums[index];
                _sums[index] = (name, sum + part.Share * value, share + part.Share);
            }
        }

        if (_sums.Count == 0) return [];
        var metrics = new KeyValuePair<string, double>[_sums.Count];
        for (var i = 0; i < metrics.Length; i++) metrics[i] = new(_sums[i].Name, _sums[i].Sum / _sums[i].Share);
        return metrics;
    }

    /// <summary>Ends the threads and gives the memory back.</summary>
    public void Dispose()
    {
        Workers.Dispose();
        foreach (var shard in _shards) shard.Dispose();
        foreach (var gradients in _gradients) gradients.Dispose();
    }

    private void ComputeShard(int shard)
    {
        _gradients[shard].Clear();
        var each = _parts.Length / _shards.Length;
        for (var part = shard * each; part < (shard + 1) * each; part++)
            _losses[part] = _shards[shard].Compute(_parts[part], _gradients[shard]);
    }

    private readonly struct Job(GradientShards shards) : IWorkBody
    {
        public void Execute(int part) => shards.ComputeShard(part);
    }
}
