using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>Computes losses and gradients of parts of batches on one thread.</summary>
internal abstract class ShardLoss : IDisposable
{
    /// <summary>The mean loss of a part; its gradient is added, weighted by the part's share of the batch, unless the loss is not
    /// finite.</summary>
    public abstract double Compute(TrainingBatch part, Gradients into);

    public virtual void Dispose()
    {
    }

    private protected static double AddGradient(Pass pass, Tensor loss, TrainingBatch part, Gradients into)
    {
        var value = loss.Item();

        // The walk back from such a loss is of no use; the caller reports it.
        if (float.IsFinite(value)) pass.Backward(loss, into, (float)part.Share);
        return value;
    }

    private protected static void Check(Tensor loss)
    {
        if (loss.Shape.Length != 1)
            throw new ShapeException("Training", $"the loss function must return a single number, got {loss.Shape}");
    }
}

/// <summary>Builds the loss anew for every part.</summary>
internal sealed class EagerShardLoss(Func<Pass, TrainingBatch, Tensor> loss, TensorPool pool) : ShardLoss
{
    public override double Compute(TrainingBatch part, Gradients into)
    {
        using var pass = Pass.Training(part.PassRandom, workers: Workers.Single, pool: pool);
        var value = loss(pass, part);
        Check(value);
        return AddGradient(pass, value, part, into);
    }
}

/// <summary>Records the loss once for every number of samples, and replays it.</summary>
internal sealed class ReplayedShardLoss(Func<int, ReplayedLoss> create, ulong seed, TensorPool pool) : ShardLoss
{
    private readonly Dictionary<int, Recorded> _recorded = [];

    public override double Compute(TrainingBatch part, Gradients into)
    {
        if (_recorded.TryGetValue(part.Count, out var recorded))
        {
            recorded.Loss.Fill(part);
            recorded.Random.CopyFrom(part.PassRandom);
            recorded.Pass.Replay();
        }
        else
        {
            recorded = Record(part);
        }

        recorded.Loss.Computed(part);
        return AddGradient(recorded.Pass, recorded.Value, part, into);
    }

    public override void Dispose()
    {
        foreach (var recorded in _recorded.Values) recorded.Pass.Dispose();
        _recorded.Clear();
    }

    private Recorded Record(TrainingBatch part)
    {
        var loss = create(part.Count);
        loss.Fill(part);
        var random = new RandomSource(seed);
        random.CopyFrom(part.PassRandom);
        var pass = Pass.Training(random, workers: Workers.Single, pool: pool);
        try
        {
            var value = loss.Build(pass);
            Check(value);
            var recorded = new Recorded(loss, random, pass, value);
            _recorded.Add(part.Count, recorded);
            return recorded;
        }
        catch
        {
            pass.Dispose();
            throw;
        }
    }

    private sealed record Recorded(ReplayedLoss Loss, RandomSource Random, Pass Pass, Tensor Value);
}
