using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Benchmarks.Training;

/// <summary>Whole training steps of <see cref="PolicyNetwork"/>: forward, mean squared error, backward, AdamW; one batch again and
/// again.</summary>
internal sealed class PolicyStep
{
    public const int BatchSize = 64;
    private const int PartSize = 16;
    private readonly TrainingLoop _loop;

    /// <summary>Makes the network and a batch of random numbers.</summary>
    /// <param name="threads">Threads, each with an equal share of the batch.</param>
    /// <param name="steps">Steps of a run.</param>
    /// <param name="progress">Called with every step.</param>
    public PolicyStep(int threads, int steps, ITrainingProgress? progress = null)
        : this(threads, steps, new PolicyNetwork(new RandomSource(1)), RandomBatch(), progress)
    {
    }

    /// <summary>Trains a given network on a given batch.</summary>
    public PolicyStep(int threads, int steps, PolicyNetwork network, PolicyData data, ITrainingProgress? progress = null)
    {
        Network = network;
        var optimizer = new AdamW(ParameterGroups.All(network, decay: 0.01), learningRate: 1e-3);
        var options = new TrainingOptions { Steps = steps, BatchSize = BatchSize, Shards = threads, PartSize = PartSize };
        _loop = new TrainingLoop(network, optimizer, options, count => new Loss(network, data, count)) { Progress = progress };
    }

    /// <summary>The network.</summary>
    public PolicyNetwork Network { get; }

    /// <summary>Runs the steps and returns the last one's loss.</summary>
    public double Run() => _loop.Run().Loss;

    private static PolicyData RandomBatch()
    {
        var random = new RandomSource(2);
        var words = Tensor.Zeros([BatchSize, PolicyNetwork.Words]);
        foreach (ref var word in words.Span) word = random.NextInt(PolicyNetwork.Vocabulary);
        return new PolicyData(
            Tensor.Uniform([BatchSize, 3, PolicyNetwork.ImageSize, PolicyNetwork.ImageSize], random, 0, 1), words,
            Tensor.Normal([BatchSize, PolicyNetwork.Actions], random));
    }

    private sealed class Loss(PolicyNetwork network, PolicyData data, int count) : ReplayedLoss
    {
        private readonly Tensor _images = Tensor.Zeros([count, 3, PolicyNetwork.ImageSize, PolicyNetwork.ImageSize]);
        private readonly Tensor _words = Tensor.Zeros([count, PolicyNetwork.Words]);
        private readonly Tensor _actions = Tensor.Zeros([count, PolicyNetwork.Actions]);

        public override void Fill(TrainingBatch batch)
        {
            Copy(data.Images, _images, batch.First);
            Copy(data.Words, _words, batch.First);
            Copy(data.Actions, _actions, batch.First);
        }

        public override Tensor Build(Pass pass) => pass.MeanSquaredError(network.Forward(_images, _words, pass), _actions);

        private static void Copy(Tensor from, Tensor to, int first)
        {
            var sample = to.Shape.Product(1, to.Shape.Rank);
            from.Span.Slice(first * sample, to.Shape.Length).CopyTo(to.Span);
        }
    }
}

/// <summary>A batch: images <c>[64, 3, 64, 64]</c>, word numbers <c>[64, 12]</c>, actions <c>[64, 3]</c>.</summary>
internal sealed record PolicyData(Tensor Images, Tensor Words, Tensor Actions);
