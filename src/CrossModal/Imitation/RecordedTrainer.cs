using System.Text.Json;
using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Imitation;

/// <summary>Trains a policy to do what recordings show: behaviour cloning of single steps.</summary>
/// <remarks>Made for few recordings: dropout, strong weight decay, and pictures shifted by up to 4 pixels and changed in brightness. The loss is
/// the mean squared error of the normalised action.</remarks>
public sealed class RecordedTrainer
{
    /// <summary>Side of the square that pictures are fitted into unless another is asked for, in pixels.</summary>
    public const int ImageSize = 64;

    private const float Dropout = 0.2f;
    private const double Decay = 0.1;
    private const int BatchSize = 32;
    private const int WarmUp = 50;
    private readonly RecordedData _data;
    private readonly LanguagePolicy _policy;
    private readonly (Episode Episode, int Step)[] _steps;
    private readonly int _count;
    private readonly ulong _seed;

    /// <summary>Prepares a run.</summary>
    /// <param name="data">The recordings.</param>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="steps">Steps of training.</param>
    /// <param name="seed">Seed of weights and batches.</param>
    /// <param name="imageSize">Side of the square that pictures are fitted into, in pixels.</param>
    /// <exception cref="ArgumentException">The strategy is unknown, there are no steps, or sizes do not fit.</exception>
    public RecordedTrainer(RecordedData data, string strategy, FusionOptions fusion, int steps, ulong seed, int imageSize = ImageSize)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(fusion);
        if (steps < 1) throw new ArgumentException($"RecordedTrainer: the steps must be at least 1, got {steps}");
        (_data, _count, _seed) = (data, steps, seed);
        _steps = [.. data.Training.SelectMany(e => Enumerable.Range(0, e.Steps).Select(t => (e, t)))];
        _policy = new LanguagePolicy(
            new PolicyOptions(strategy, fusion with { Dropout = Dropout, Views = data.Signature.Cameras.Count }, data.Tokenizer.Count,
                data.Actions.Mean.Length)
            {
                ImageSize = imageSize,
                Proprioception = data.States?.Mean.Length ?? 0,
                MaxWords = Math.Max(16, data.Training.Concat(data.HeldOut).Max(e => data.Tokenizer.WordsOf(e.Instruction).Count)),
            }, new RandomSource(seed));
    }

    /// <summary>The policy; trained once <see cref="Run"/> has returned.</summary>
    public TrainedPolicy Policy => new(_policy, _data.Tokenizer, _data.Actions, _data.States, "recordings") { Signature = _data.Signature };

    /// <summary>Trains, or goes on from the newest checkpoint in the folder, and leaves the averaged weights in the policy.</summary>
    /// <param name="folder">Where checkpoints and the log go.</param>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public TrainingSummary Run(string folder, ITrainingProgress? progress = null, CancellationToken cancellation = default)
    {
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(_policy, Decay), 1e-3, beta2: 0.98);
        var options = new TrainingOptions
        {
            Steps = _count, BatchSize = BatchSize, Seed = _seed, Schedule = Schedule.Cosine(Math.Min(WarmUp, _count / 4), _count), ClipNorm = 1,
            AverageDecay = 0.99, CheckpointEvery = Math.Max(1, _count / 5), Shards = 2,
        };
        var loop = new TrainingLoop(_policy, optimizer, options, count => new RecordedLoss(_policy, _data, _steps, count))
        {
            Progress = progress,
            Configuration = JsonSerializer.SerializeToNode(
                new { Policy = _policy.Options, Steps = _count, Seed = _seed, _data.Tokenizer.Words, _data.Actions, _data.States, Episodes = _data.Training.Select(e => e.Name) }, JsonSerializerOptions.Web),
        };
        var summary = loop.Resume(folder, cancellation);
        loop.Average!.CopyTo(_policy);
        return summary;
    }
}
