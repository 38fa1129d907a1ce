using System.Diagnostics;
using System.Text.Json.Nodes;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>Trains a model: batches in parts side by side, clipping, schedule, optimiser, averaged weights, checkpoints, log.</summary>
/// <remarks>
/// The same seed and number of shards give the same bits, and so does a run that was stopped, or killed, and resumed from its last
/// checkpoint. This holds as long as the loss function takes its randomness from the pass and the batch it is given. A step is: forward and
/// backward of every shard, part by part, the sum of the shards' gradients in their order, clipping, optimiser, average. Gradients are
/// computed, clipped and averaged over what the optimiser trains; frozen parameters and those it was not given stay as they are.
/// </remarks>
public sealed class TrainingLoop
{
    /// <summary>Name of the log in a run's folder.</summary>
    public const string LogName = "losses.csv";

    private readonly Module _model;
    private readonly Optimizer _optimizer;
    private readonly TrainingOptions _options;
    private readonly Func<TensorPool, ShardLoss> _shard;
    private readonly Tensor[] _trained;

    /// <summary>Prepares a run whose forward pass is recorded once and replayed: shapes never change, and a step allocates next to
    /// nothing.</summary>
    /// <param name="model">The model, with its first weights.</param>
    /// <param name="optimizer">An optimiser of its parameters, or of some of them.</param>
    /// <param name="options">How the run goes.</param>
    /// <param name="loss">Makes the loss of a number of samples; called for every shard, on its thread.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or the optimiser trains nothing.</exception>
    public TrainingLoop(Module model, Optimizer optimizer, TrainingOptions options, Func<int, ReplayedLoss> loss)
        : this(model, optimizer, options)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _shard = pool => new ReplayedShardLoss(loss, options.Seed, pool);
    }

    /// <summary>Prepares a run whose forward pass is built anew at each step, for shapes that change.</summary>
    /// <param name="model">The model, with its first weights.</param>
    /// <param name="optimizer">An optimiser of its parameters, or of some of them.</param>
    /// <param name="options">How the run goes.</param>
    /// <param name="loss">Builds its part of the batch and returns the mean loss over that part, <c>[]</c>; called on several threads at
    /// once, each with a pass and a batch of its own.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or the optimiser trains nothing.</exception>
    public TrainingLoop(Module model, Optimizer optimizer, TrainingOptions options, Func<Pass, TrainingBatch, Tensor> loss)
        : this(model, optimizer, options)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _shard = pool => new EagerShardLoss(loss, pool);
    }

    private TrainingLoop(Module model, Optimizer optimizer, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_model, _optimizer, _options, _shard, _trained) = (model, optimizer, options, null!, [.. optimizer.Trained]);
        if (_trained.Length == 0)
            throw new ArgumentException("TrainingLoop: the optimiser trains nothing: it was given no parameter, or all of them are frozen");
        if (options.AverageDecay is { } decay) Average = new WeightAverage(model, decay, _trained);
    }

    /// <summary>The averaged weights, if the options ask for them.</summary>
    public WeightAverage? Average { get; }

    /// <summary>Whatever describes the run, for <c>training.json</c>.</summary>
    public JsonNode? Configuration { get; init; }

    /// <summary>Who watches.</summary>
    public ITrainingProgress? Progress { get; init; }

    /// <summary>What else is measured after a step, with the weights it left; null for nothing. It may draw from no source of the
    /// run.</summary>
    internal Func<int, IEnumerable<KeyValuePair<string, double>>>? Measured { get; init; }

    /// <summary>Who shares the shards out; null for this process alone. Rank 0 writes checkpoints and the log; the folder is one that all
    /// ranks see. Afterwards the optimiser has the state of this rank's parameters only.</summary>
    public TrainingRanks? Ranks
    {
        get;
        init => field = value is { Count: > 1 } ? value : null;
    }

    /// <summary>Where memory is borrowed.</summary>
    public TensorPool Pool { get; init; } = TensorPool.Shared;

    /// <summary>Trains without leaving anything on the disk.</summary>
    /// <exception cref="TrainingDivergedException">The loss, the gradient or a weight is not finite.</exception>
    public TrainingSummary Run(CancellationToken cancellation = default) => Run(null, 0, Shards(null), cancellation);

    /// <summary>Trains, writing checkpoints and the log into a folder that holds no checkpoint yet.</summary>
    /// <param name="folder">The run's folder; made if need be.</param>
    /// <param name="cancellation">Stops the run after the step it is at, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss, the gradient or a weight is not finite.</exception>
    /// <exception cref="IOException">The folder holds a checkpoint, or cannot be written.</exception>
    public TrainingSummary Run(string folder, CancellationToken cancellation = default) => Checkpoint.Newest(folder) is { } newest
        ? throw new IOException($"{newest.Folder}: the folder holds a run already; resume it or choose another folder")
        : Run(folder, 0, Shards(null), cancellation);

    /// <summary>Goes on from the newest checkpoint in a folder, or begins when there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="cancellation">Stops the run after the step it is at, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss, the gradient or a weight is not finite.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">A file of the checkpoint is damaged or does not fit the model or the
    /// optimiser.</exception>
    /// <exception cref="IOException">The folder cannot be read or written, or its checkpoint is of a run with another configuration, seed,
    /// batch size, number of shards or part size.</exception>
    public TrainingSummary Resume(string folder, CancellationToken cancellation = default)
    {
        var newest = Checkpoint.Newest(folder);
        RequireSame(folder, newest?.Info.Step ?? 0);
        if (newest is not { } checkpoint) return Run(folder, 0, Shards(null), cancellation);
        var (info, shards) = (checkpoint.Info, Shards(checkpoint.Info));
        Same("seed", info.Seed, _options.Seed);
        Same("batch size", info.BatchSize, _options.BatchSize);
        Same("number of shards", info.Shards, shards);
        Same("part size", info.PartSize ?? 0, _options.PartSize ?? 0);
        if (!JsonNode.DeepEquals(info.Configuration, Configuration))
            throw new IOException(
                $"{checkpoint.Folder}: the run has another configuration; choose another folder, or remove this one to begin anew");
        checkpoint.Restore(_model, _optimizer, Average);
        try
        {
            return Run(folder, info.Step, shards, cancellation);
        }
        catch (TrainingDivergedException error) when (error.Step == info.Step + 1)
        {
            // No step has changed the weights yet.
            throw new TrainingDivergedException(error.Step, $"{error.What}, with the weights of {checkpoint.Folder}");
        }

        void Same<T>(string what, T saved, T wanted)
            where T : IEquatable<T>
        {
            if (!saved.Equals(wanted))
                throw new IOException(
                    $"{checkpoint.Folder}: the run has {what} {saved}, the options say {wanted}; choose another folder, or remove this one to begin anew");
        }
    }

    private int Shards(CheckpointInfo? resumed)
    {
        var shards = _options.Shards ?? resumed?.Shards
            ?? Math.Min(_options.BatchSize, Math.Min(Environment.ProcessorCount, TrainingBatch.MostShards));
        return shards % (Ranks?.Count ?? 1) == 0 ? shards : throw new ArgumentException(FormattableString.Invariant(
            $"TrainingLoop: {Ranks!.Count} ranks do not divide {shards} shards; the number of shards belongs to the run, that of ranks is free among its divisors"));
    }

    /// <summary>Makes sure that all ranks have found the same checkpoint.</summary>
    private void RequireSame(string folder, int step)
    {
        if (Ranks is null) return;
        var steps = Ranks.Gather(BitConverter.GetBytes(step)).Select(s => BitConverter.ToInt32(s)).ToArray();
        for (var rank = 1; rank < steps.Length; rank++)
            if (steps[rank] != steps[0])
                throw new IOException(
                    $"{folder}: rank 0 finds a checkpoint of step {steps[0]} there, rank {rank} of step {steps[rank]}; all ranks must see one folder");
    }

    private TrainingSummary Run(string? shared, int done, int shards, CancellationToken cancellation)
    {
        var clock = new StepClock(_options.BatchSize, _options.Steps - done);
        using var gradientShards = new GradientShards(() => _shard(Pool), _options, shards, _trained, Pool, Ranks);
        if (gradientShards.Slices is { } owned) _optimizer.KeepOnly(parameter => owned.OwnerOf(parameter) == Ranks!.Rank);
        var folder = Ranks is { Rank: > 0 } ? null : shared;
        using var log = folder is null ? null : new LossLog(Path.Combine(folder, LogName), done);
        var (step, saved, loss) = (done, done, double.NaN);
        Progress?.Started(done, _options.Steps);
        while (step < _options.Steps && !(Ranks is null ? cancellation.IsCancellationRequested : gradientShards.IsStopped))
        {
            var report = Step(gradientShards, step++, clock, cancellation);
            loss = report.Loss;
            log?.Append(report);
            Progress?.Stepped(report);
            if (_options.CheckpointEvery > 0 && step % _options.CheckpointEvery == 0) Save();
        }

        if (step > saved) Save();
        RequireFinite(step);
        var summary = new TrainingSummary(step, step < _options.Steps, loss, clock.Elapsed);
        Progress?.Ended(summary);
        return summary;

        void Save()
        {
            if (shared is null) return;
            RequireFinite(step);
            saved = step;
            if (gradientShards.Slices is { } slices) _optimizer.Collect(Ranks!, slices.OwnerOf);
            if (folder is null) return;

            // The log first: a checkpoint must not know of steps whose losses are lost.
            log?.Flush();
            var info = new CheckpointInfo
            {
                Step = step,
                Seed = _options.Seed,
                BatchSize = _options.BatchSize,
                Shards = shards,
                PartSize = _options.PartSize,
                Configuration = Configuration?.DeepClone(),
                Losses = LogName,
            };
            var checkpoint = Checkpoint.Save(folder, info, _model, _optimizer, Average);
            if (gradientShards.Slices is { } own) _optimizer.KeepOnly(parameter => own.OwnerOf(parameter) == Ranks!.Rank);
            Progress?.Saved(checkpoint);
        }
    }

    /// <summary>The last update may overflow when no loss is computed any more that would show it: such weights are neither saved nor
    /// returned.</summary>
    private void RequireFinite(int step)
    {
        foreach (var (name, parameter) in _model.Parameters())
            if (!VectorRow.IsFinite(parameter.Span)) throw new TrainingDivergedException(step, $"the weights '{name}' are not finite");
    }

    private TrainingReport Step(GradientShards shards, int step, StepClock clock, CancellationToken cancellation)
    {
        var gradients = shards.Compute(step, cancellation.IsCancellationRequested, out var loss);
        var norm = shards.Norm(gradients);
        if (_options.ClipNorm is { } most) GradientClipping.Clip(gradients, norm, most);
        if (!double.IsFinite(norm))
            throw new TrainingDivergedException(step + 1, FormattableString.Invariant($"the norm of the gradient is {norm}"));
        var factor = _options.Schedule.Factor(step);
        _optimizer.Step(gradients, factor, shards.Workers);
        shards.Slices?.ShareParameters();
        Average?.Update();
        var metrics = shards.Metrics();
        if (Ranks is null or { Rank: 0 } && Measured?.Invoke(step + 1).ToArray() is { Length: > 0 } more) metrics = [.. metrics, .. more];
        clock.Stepped();
        return new TrainingReport(
            step + 1, _options.Steps, loss, factor * _optimizer.LearningRate, norm, clock.SamplesPerSecond, clock.Elapsed, clock.Left,
                metrics);
    }

    private sealed class StepClock(int batchSize, int steps)
    {
        private const double Smoothing = 0.1;
        private readonly long _start = Stopwatch.GetTimestamp();
        private long _last = Stopwatch.GetTimestamp();
        private double _seconds;
        private int _done;

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

        public double SamplesPerSecond => batchSize / _seconds;

        public TimeSpan Left => TimeSpan.FromSeconds(_seconds * (steps - _done));

        public void Stepped()
        {
            var now = Stopwatch.GetTimestamp();
            var seconds = Math.Max(1e-9, Stopwatch.GetElapsedTime(_last, now).TotalSeconds);
            _last = now;

            // The first steps compile code; the plain mean of the second on forgets the first.
            _done++;
            _seconds = _done <= 2 ? seconds : _seconds + Math.Max(Smoothing, 1.0 / (_done - 1)) * (seconds - _seconds);
        }
    }
}
