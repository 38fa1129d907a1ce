using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Onnx.Tests;

/// <summary>An exported policy in ONNX Runtime that acts on the tabletop.</summary>
/// <param name="trained">The policy that was exported: its words and the preparation of pictures.</param>
/// <param name="model">The model.</param>
internal sealed class OnnxTabletopPolicy(TrainedPolicy trained, OnnxModelRun model) : IPolicy
{
    private readonly ObservationEncoder _encoder = new(trained);
    private readonly Dictionary<int, List<float[]>> _past = [];

    public Pointing Pointing => Pointing.Heading;

    public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
    {
        var (side, batch) = (trained.Policy.Options.ImageSize, observations.Length);
        var (pictures, states) = (new float[batch * _encoder.PictureLength], new float[batch * Proprioception.Length]);
        var normalised = new float[Proprioception.Length];
        var sentences = new List<string>();
        for (var i = 0; i < batch; i++)
        {
            var seen = new CrossModal.Policies.Observation(observations[i].Frame.ToFrame()) { State = observations[i].Proprioception.Span };
            _encoder.Encode(seen, pictures.AsSpan(i * _encoder.PictureLength, _encoder.PictureLength), normalised);
            observations[i].Proprioception.Span.CopyTo(states.AsSpan(i * Proprioception.Length));
            sentences.Add(observations[i].Instruction.Text);
        }

        var (ids, mask) = trained.Tokenizer.EncodeBatch(sentences, trained.Policy.Options.MaxWords);
        var results = model.Run(
        [
            ("picture", pictures, [batch, 3, side, side]),
            ("words", ids.ToArray().Select(id => (long)id).ToArray(), [batch, ids.Shape[1]]),
            ("mask", mask.Scores.ToArray().Select(score => score == 0).ToArray(), [batch, ids.Shape[1]]),
            ("proprioception", states, [batch, Proprioception.Length]),
            .. Past(observations, pictures),
        ]);
        var (action, gripper, points) = (results["action"].Values, results["gripper"].Values, results["points"].Values);
        for (var i = 0; i < batch; i++)
        {
            actions[i] = new RobotAction(action[3 * i], action[3 * i + 1], action[3 * i + 2], gripper[i] > 0).Clipped();
            var first = i * points.Length / batch;
            observations[i].Pointed = new Point(points[first], points[first + 1], points[first + 2]);
        }
    }

    /// <summary>The pictures of the episodes' steps before; those of the present ones are kept.</summary>
    private List<(string, Array, int[])> Past(ReadOnlySpan<TabletopObservation> observations, float[] pictures)
    {
        if (trained.Policy.Options.Perception.PastFrames is not (> 0 and var frames)) return [];
        var (each, side, batch) = (_encoder.PictureLength, trained.Policy.Options.ImageSize, observations.Length);
        var (past, there) = (new float[batch * frames * each], new bool[batch * frames]);
        for (var i = 0; i < batch; i++)
        {
            if (!_past.TryGetValue(observations[i].EpisodeIndex, out var before)) _past[observations[i].EpisodeIndex] = before = [];
            for (var k = 0; k < Math.Min(frames, before.Count); k++)
            {
                before[k].CopyTo(past, (i * frames + k) * each);
                there[i * frames + k] = true;
            }

            before.Insert(0, pictures[(i * each)..((i + 1) * each)]);
        }

        return [("past_picture", past, [batch, frames, 3, side, side]), ("past_mask", there, [batch, frames])];
    }
}
