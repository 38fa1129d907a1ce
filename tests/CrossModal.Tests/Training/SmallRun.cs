using System.Text.Json.Nodes;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

/// <summary>A small network with dropout that learns the sum of its inputs: enough to see every source of randomness.</summary>
internal sealed class SmallRun
{
    public const int Steps = 20;

    public SmallRun(TrainingOptions? options = null, ITrainingProgress? progress = null, Func<TrainingBatch, float>? factor = null,
        TensorPool? pool = null, JsonNode? configuration = null, bool replayed = false,
        TrainingRanks? ranks = null)
    {
        Options = options ?? Settings();
        Model = new FeedForward(4, 8, new RandomSource(11), dropout: 0.2f);
        Optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(Model, 0.1), learningRate: 0.01);
        Loop = replayed
            ? new TrainingLoop(Model, Optimizer, Options, count => new Replayed(this, count, factor))
            {
                Progress = progress,
                Pool = pool ?? TensorPool.Shared,
                Configuration = configuration,
                Ranks = ranks
            }
            : new TrainingLoop(Model, Optimizer, Options, (pass, batch) => Loss(pass, batch, factor))
            {
                Progress = progress,
                Pool = pool ?? TensorPool.Shared,
                Configuration = configuration,
                Ranks = ranks
            };
    }

    public TrainingOptions Options { get; }

    public FeedForward Model { get; }

    public AdamW Optimizer { get; }

    public TrainingLoop Loop { get; }

    public float[] Weights => [.. Model.Parameters().SelectMany(p => p.Value.ToArray())];

    public static TrainingOptions Settings(int shards = 1, int checkpointEvery = 0, int batchSize = 6) => new()
    {
        Steps = Steps,
        BatchSize = batchSize,
        Seed = 5,
        Schedule = Schedule.Cosine(3, Steps),
        ClipNorm = 1,
        AverageDecay = 0.9,
        CheckpointEvery = checkpointEvery,
        Shards = shards,
    };

    private Tensor Loss(Pass pass, TrainingBatch batch, Func<TrainingBatch, float>? factor)
    {
        var all = Tensor.Normal([batch.BatchSize, 4], batch.BatchRandom);
        var x = Tensor.From(all.Span.Slice(batch.First * 4, batch.Count * 4).ToArray(), [batch.Count, 4]);
        foreach (ref var value in x.Span) value += 0.01f * batch.Random.NextGaussian();
        var target = Tensor.Zeros([batch.Count, 4]);
        for (var i = 0; i < batch.Count; i++) target.Span.Slice(i * 4, 4).Fill(x[i, 0] + x[i, 1] + x[i, 2] + x[i, 3]);
        batch.Report("first", batch.First);
        if (batch.Step >= 4) batch.Report("late", batch.Step);
        var loss = pass.MeanSquaredError(Model.Forward(x, pass), target);
        return factor is null ? loss : pass.Multiply(loss, Tensor.Scalar(factor(batch)));
    }

    /// <summary>The same loss, recorded once.</summary>
    private sealed class Replayed(SmallRun run, int count, Func<TrainingBatch, float>? factor) : ReplayedLoss
    {
        private readonly Tensor _x = Tensor.Zeros([count, 4]);
        private readonly Tensor _target = Tensor.Zeros([count, 4]);
        private readonly Tensor _factor = Tensor.Scalar(1);

        public override void Fill(TrainingBatch batch)
        {
            for (var i = 0; i < 4 * batch.BatchSize; i++)
            {
                var value = batch.BatchRandom.NextGaussian();
                var at = i - 4 * batch.First;
                if (at >= 0 && at < _x.Shape.Length) _x.Span[at] = value;
            }

            foreach (ref var value in _x.Span) value += 0.01f * batch.Random.NextGaussian();
            for (var i = 0; i < batch.Count; i++) _target.Span.Slice(i * 4, 4).Fill(_x[i, 0] + _x[i, 1] + _x[i, 2] + _x[i, 3]);
            if (factor is not null) _factor.Span[0] = factor(batch);
        }

        public override Tensor Build(Pass pass)
        {
            var loss = pass.MeanSquaredError(run.Model.Forward(_x, pass), _target);
            return factor is null ? loss : pass.Multiply(loss, _factor);
        }

        public override void Computed(TrainingBatch batch)
        {
            batch.Report("first", batch.First);
            if (batch.Step >= 4) batch.Report("late", batch.Step);
        }
    }
}
