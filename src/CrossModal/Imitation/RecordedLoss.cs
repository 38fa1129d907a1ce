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
    private readonly Tensor _images = Tensor.Zeros(policy.ImageShape(count));
    private readonly Tensor _targets = Tensor.Zeros([count, data.Actions.Mean.Length]);
    private readonly Tensor? _states = data.States is null ? null : Tensor.Zeros([count, data.States.Mean.Length]);
    private readonly TextInputs _instructions = new(tokenizer, count, policy.Options.MaxWords);
    private readonly string[] _texts = new string[count];
    private readonly ObservationEncoder _encoder = new(data.Signature, policy.Options.ImageSize, data.States, vision);
    private readonly float[] _plain = new float[policy.ImageShape(1).Length];
    private readonly RecordedPast? _past = RecordedPast.Of(policy, count);
    private readonly PictureChange[] _changes = new PictureChange[data.Signature.Cameras.Count];

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
            for (var view = 0; view < _changes.Length && vision is null; view++)
            {
                _changes[view] = PictureChange.Draw(batch.Random);
                _changes[view].Apply(_plain.AsSpan(view * picture, picture), size,
                    _images.Span.Slice(i * _plain.Length + view * picture, picture));
            }

            // Past pictures of a camera are changed as its current one: nothing but the scene moves between them.
            _past?.Set(i, episode, t, data.Signature.Cameras, _encoder, vision is null ? Change : null);
            data.Actions.Apply(episode.Actions[t], _targets.Span[(i * _targets.Shape[1])..]);
            _texts[i] = episode.Instruction;
        }

        _instructions.Fill(_texts);

        void Change(int view, Span<float> planes)
        {
            planes.CopyTo(_plain);
            _changes[view].Apply(_plain.AsSpan(0, picture), size, planes);
        }
    }

    /// <inheritdoc/>
    public override Tensor Build(Pass pass) =>
        pass.MeanSquaredError(policy.Forward(new PolicyInput(_images, _instructions.Words(pass), _instructions.Mask, _states)
        {
            Past = _past?.Frames,
        }, pass).Action, _targets);
}
