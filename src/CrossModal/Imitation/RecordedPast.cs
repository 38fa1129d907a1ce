using CrossModal.Attention;
using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Policies;

namespace CrossModal.Imitation;

/// <summary>The pictures before steps of recordings, for a policy with past frames: those of the steps before in the same
/// episode.</summary>
internal sealed class RecordedPast
{
    private readonly Tensor _pictures;
    private readonly Tensor _there;
    private readonly float[] _state;
    private readonly int _frames;

    private RecordedPast(LanguagePolicy policy, int count)
    {
        _frames = policy.Options.Perception.PastFrames;
        _pictures = Tensor.Zeros([count, _frames, .. policy.ImageShape(1).Skip(1)]);
        _there = Tensor.Zeros([count, 1, 1, _frames]);
        _state = new float[policy.Options.Proprioception];
        Frames = new PastFrames(_pictures, Mask.OfScores(_there));
    }

    /// <summary>The input of the policy; overwritten by <see cref="Set"/>.</summary>
    public PastFrames Frames { get; }

    /// <summary>Memory for the past of some steps; null for a policy without past frames.</summary>
    public static RecordedPast? Of(LanguagePolicy policy, int count) =>
        policy.Options.Perception.PastFrames == 0 ? null : new RecordedPast(policy, count);

    /// <summary>Sets the pictures before a step.</summary>
    /// <param name="row">Which of the steps of the batch.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="step">Number of the step.</param>
    /// <param name="cameras">Names of the cameras, in the order of the episode's views.</param>
    /// <param name="encoder">Encodes pictures.</param>
    /// <param name="change">Changes the pictures of a camera as its current one was changed; null to leave them.</param>
    public void Set(int row, Episode episode, int step, IReadOnlyList<string> cameras, ObservationEncoder encoder,
        Action<int, Span<float>>? change = null)
    {
        for (var age = 1; age <= _frames; age++)
        {
            var number = row * _frames + age - 1;
            _there.Span[number] = age <= step ? 0 : float.NegativeInfinity;
            if (age > step) continue;
            var pictures = _pictures.Span.Slice(number * encoder.PictureLength, encoder.PictureLength);
            encoder.Encode(RecordedObservation.Of(episode, step - age, cameras), pictures, _state);
            var each = pictures.Length / cameras.Count;
            for (var view = 0; view < cameras.Count && change is not null; view++) change(view, pictures.Slice(view * each, each));
        }
    }
}
