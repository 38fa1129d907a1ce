using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Imitation;

/// <summary>The mean squared error of a policy's normalised action on steps drawn from recordings, their pictures shifted and changed in
/// brightness; features of a frozen vision encoder are those of the pictures as they are.</summary>
/// <param name="policy">The policy.</param>
/// <param name="tokenizer">Its words.</param>
/// <param name="data">The recordings.</param>
/// <param name="steps">Steps drawn from.</param>
/// <param name="count">Number of samples.</param>
/// <param name="vision">What makes features of pictures; null for pixels.</param>
internal sealed class RecordedLoss(LanguagePolicy policy, WordTokenizer tokenizer, RecordedData data, (Episode Episode, int Step)[] steps,
    int count, VisionEncoder? vision) : ReplayedLoss
{
    private const int MostShift = 4;
    private const float MostBrightness = 0.2f;
    private readonly Tensor _images = Tensor.Zeros(policy.ImageShape(count));
    private readonly Tensor _targets = Tensor.Zeros([count, data.Actions.Mean.Length]);
    private readonly Tensor? _states = data.States is null ? null : Tensor.Zeros([count, data.States.Mean.Length]);
    private readonly TextInputs _instructions = new(tokenizer, count, policy.Options.MaxWords);
    private readonly string[] _texts = new string[count];
    private readonly ObservationEncoder _encoder = new(data.Signature, policy.Options.ImageSize, data.States, vision);
    private readonly float[] _plain = new float[policy.ImageShape(1).Length];

    /// <inheritdoc/>
    public override void Fill(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var size = policy.Options.ImageSize;
        var picture = 3 * size * size;
        for (var i = 0; i < count; i++)
        {
            var (episode, t) = steps[batch.Random.NextInt(steps.Length)];
            _encoder.Encode(
                RecordedObservation.Of(episode, t, data.Signature.Cameras), _plain, _states is null ? default
                    : _states.Span.Slice(i * _states.Shape[1], _states.Shape[1]));
            if (vision is not null) _plain.CopyTo(_images.Span[(i * _plain.Length)..]);
            for (var at = 0; at < _plain.Length && vision is null; at += picture)
                Vary(_plain.AsSpan(at, picture), size, batch.Random, _images.Span.Slice(i * _plain.Length + at, picture));
            data.Actions.Apply(episode.Actions[t], _targets.Span[(i * _targets.Shape[1])..]);
            _texts[i] = episode.Instruction;
        }

        _instructions.Fill(_texts);
    }

    /// <inheritdoc/>
    public override Tensor Build(Pass pass) =>
        pass.MeanSquaredError(policy.Forward(new PolicyInput(_images, _instructions.Words(pass), _instructions.Mask, _states),
            pass).Action, _targets);

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
