using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>Computes a batch's gradient in shards side by side, each in one or more parts, and sums the shards in a fixed order, whichever
/// rank computed them.</summary>
internal sealed class GradientShards : IDisposable
{
    private readonly TrainingBatch[] _parts;
    private readonly double[] _losses;
    private readonly ShardLoss[] _shards;
    private readonly Gradients[] _gradients;
    private readonly TrainingRanks? _ranks;
    private readonly int _first;
    private readonly List<(string Name, double Sum, double Share)> _sums = [];

    /// <summary>Prepares the shards.</summary>
    /// <param name="create">Makes what computes one shard.</param>
    /// <param name="options">Batch size, seed, size of a part.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="trained">The parameters whose gradients are computed.</param>
    /// <param name="pool">Where memory is borrowed.</param>
    /// <param name="ranks">Who shares the shards out, their number dividing that of shards; null for one process.</param>
    public GradientShards(Func<ShardLoss> create, TrainingOptions options, int shards, IReadOnlyList<Tensor> trained, TensorPool pool,
        TrainingRanks? ranks = null)
    {
        _ranks = ranks;
        if (ranks is not null) Slices = new GradientSlices(ranks, trained, shards, pool);
        var local = shards / (ranks?.Count ?? 1);
        _first = local * (ranks?.Rank ?? 0);
        Workers = new Workers(Math.Min(local, Environment.ProcessorCount));
        var parts = shards * options.PartsOfShard(shards);
        _losses = new double[parts];
        _parts = new TrainingBatch[parts];
        for (var part = 0; part < parts; part++) _parts[part] = new TrainingBatch(options.Seed, 0, part, parts, options.BatchSize);
        (_shards, _gradients) = (new ShardLoss[local], new Gradients[local]);
        for (var shard = 0; shard < local; shard++) (_shards[shard], _gradients[shard]) = (create(), new Gradients(pool, trained));
    }

    /// <summary>The threads of the shards.</summary>
    public Workers Workers { get; }

    /// <summary>This rank's slice; null for one process.</summary>
    public GradientSlices? Slices { get; }

    /// <summary>Whether any rank was asked to stop when the gradient was computed last.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The gradient of the mean loss over the batch, or this rank's slice of it; valid until the next call.</summary>
    /// <param name="step">Steps done before.</param>
    /// <param name="stop">Whether this rank was asked to stop.</param>
    /// <param name="meanLoss">The mean loss.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public Gradients Compute(int step, bool stop, out double meanLoss)
    {
        foreach (var part in _parts) part.Restart(step);
        var job = new Job(this);
        Workers.Run(_shards.Length, ref job);
        if (Slices is not null) Report(Slices, stop);
        meanLoss = 0;
        for (var part = 0; part < _parts.Length; part++) meanLoss += _parts[part].Share * _losses[part];
        if (!double.IsFinite(meanLoss))
            throw new TrainingDivergedException(step + 1, FormattableString.Invariant($"the loss is {meanLoss}"));
        if (Slices is not null) return Slices.Sum(_gradients);
        for (var shard = 1; shard < _shards.Length; shard++) _gradients[0].Add(_gradients[shard], Workers);
        return _gradients[0];
    }

    /// <summary>The norm of the gradient that was computed last, over all slices.</summary>
    public double Norm(Gradients gradients) => Slices is null ? gradients.Norm(Workers) : Slices.Norm();

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
        Slices?.Dispose();
    }

    /// <summary>Gives every rank the losses and metrics of all parts, and which parameters got a gradient.</summary>
    private void Report(GradientSlices slices, bool stop)
    {
        var each = _parts.Length / _ranks!.Count;
        var mine = _ranks.Rank * each;
        var reports = _ranks.Gather(ShardReports.Write(stop, _parts.AsSpan(mine, each), _losses.AsSpan(mine, each), _gradients,
            slices.Numbers));
        IsStopped = false;
        for (var rank = 0; rank < reports.Length; rank++)
            IsStopped |= ShardReports.Read(reports[rank], _parts.AsSpan(rank * each, each), _losses.AsSpan(rank * each, each),
                slices.Filled.Slice(rank * _shards.Length, _shards.Length));
    }

    private void ComputeShard(int shard)
    {
        _gradients[shard].Clear();
        var each = _parts.Length / (_shards.Length * (_ranks?.Count ?? 1));
        for (var part = (_first + shard) * each; part < (_first + shard + 1) * each; part++)
            _losses[part] = _shards[shard].Compute(_parts[part], _gradients[shard]);
    }

    private readonly struct Job(GradientShards shards) : IWorkBody
    {
        public void Execute(int part) => shards.ComputeShard(part);
    }
}
