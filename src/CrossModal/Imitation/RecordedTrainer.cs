using System.Text.Json;
using CrossModal.Data;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Models;
using CrossModal.Training;

namespace CrossModal.Imitation;

/// <summary>Trains a policy to do what recordings show: behaviour cloning of single steps.</summary>
/// <remarks>Made for few recordings: dropout, strong weight decay, and pictures shifted by up to 4 pixels and changed in brightness. The loss is
/// the mean squared error of the normalised action.</remarks>
public sealed class RecordedTrainer
{
    private const float Dropout = 0.2f;
    private const double Decay = 0.1;
    private const int MostShift = 4;
    private const float MostBrightness = 0.2f;
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
    /// <exception cref="ArgumentException">The strategy is unknown, or sizes do not fit.</exception>
    public RecordedTrainer(RecordedData data, string strategy, FusionOptions fusion, int steps, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(fusion);
        (_data, _count, _seed) = (data, steps, seed);
        _steps = [.. data.Training.SelectMany(e => Enumerable.Range(0, e.Steps).Select(t => (e, t)))];
        _policy = new LanguagePolicy(
            new PolicyOptions(strategy, fusion with { Dropout = Dropout }, data.Tokenizer.Count, data.Actions.Mean.Length)
            {
                Proprioception = data.States?.Mean.Length ?? 0,
                MaxWords = Math.Max(16, data.Training.Concat(data.HeldOut).Max(e => WordTokenizer.Split(e.Instruction).Count)),
            }, new RandomSource(seed));
    }

    /// <summary>The policy; trained once <see cref="Run"/> has returned.</summary>
    public TrainedPolicy Policy => new(_policy, _data.Tokenizer, _data.Actions, _data.States, "recordings");

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
        var loop = new TrainingLoop(_policy, optimizer, options, Loss)
        {
            Progress = progress,
            Configuration = JsonSerializer.SerializeToNode(new { Policy = _policy.Options, Steps = _count, Seed = _seed }, JsonSerializerOptions.Web),
        };
        var summary = loop.Resume(folder, cancellation);
        loop.Average!.CopyTo(_policy);
        return summary;
    }

    private Tensor Loss(Pass pass, TrainingBatch part)
    {
        var size = _policy.Options.ImageSize;
        var images = pass.Rent([part.Count, 3, size, size]);
        var targets = pass.Rent([part.Count, _data.Actions.Mean.Length]);
        var states = _data.States is null ? null : pass.Rent([part.Count, _data.States.Mean.Length]);
        var texts = new string[part.Count];
        var plain = new float[3 * size * size];
        for (var i = 0; i < part.Count; i++)
        {
            var (episode, t) = _steps[part.Random.NextInt(_steps.Length)];
            RecordedData.Fill(episode.Frames[t], size, plain);
            Vary(plain, size, part.Random, images.Span.Slice(i * plain.Length, plain.Length));
            _data.Actions.Apply(episode.Actions[t], targets.Span[(i * targets.Shape[1])..]);
            if (states is not null) _data.States!.Apply(episode.States![t], states.Span[(i * states.Shape[1])..]);
            texts[i] = episode.Instruction;
        }

        var (ids, mask) = _data.Tokenizer.EncodeBatch(texts, _policy.Options.MaxWords);
        return pass.MeanSquaredError(_policy.Forward(new PolicyInput(images, ids, mask, states), pass).Action, targets);
    }

    /// <summary>The picture shifted, its edge repeated, and changed in brightness.</summary>
    private static void Vary(ReadOnlySpan<float> plain, int size, RandomSource random, Span<float> varied)
    {
        var (dx, dy) = (random.NextInt(2 * MostShift + 1) - MostShift, random.NextInt(2 * MostShift + 1) - MostShift);
        var brightness = 1 + MostBrightness * (2 * random.NextSingle() - 1);
        for (var c = 0; c < 3; c++)
        for (var y = 0; y < size; y++)
        for (var x = 0; x < size; x++)
        {
            var from = (c * size + Math.Clamp(y + dy, 0, size - 1)) * size + Math.Clamp(x + dx, 0, size - 1);
            varied[(c * size + y) * size + x] = Math.Min(1, brightness * plain[from]);
        }
    }
}
