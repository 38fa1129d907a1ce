using System.Globalization;
using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Diagnosis;

/// <summary>How much an action changes with the instruction and with the picture, over what noise on pixels changes it.</summary>
/// <remarks>Changes are root mean squares over the continuous numbers of an action, each in standard deviations of the training
/// data.</remarks>
internal sealed class InputEffects : IDisposable
{
    private const float PixelNoise = 0.01f;
    private const int NoiseSeeds = 4;

    // An effect below this multiple of the noise could be noise.
    private const double LeastRatio = 3;

    private readonly TrainedPolicy _trained;
    private readonly Policy _policy;
    private readonly CameraRig _rig;
    private readonly Dictionary<string, List<double>> _effects = [];
    private readonly List<double> _noise = [];
    private int _followed;
    private int _asked;
    private double _chance;

    /// <summary>Prepares a policy.</summary>
    public InputEffects(TrainedPolicy trained)
    {
        (_trained, _policy) = (trained, Policy.Of(trained, new PolicyRunOptions { KeepFrames = false }));
        _rig = new CameraRig(_policy.ImageSize, _policy.Cameras.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => _policy.Dispose();

    /// <summary>Measures the first scenes of a split in which something else could have been asked as well.</summary>
    public void Measure(RobotTask task, Split split, int scenes, ulong seed, CancellationToken stop)
    {
        for (var i = 0; i < scenes; i++)
        {
            stop.ThrowIfCancellationRequested();
            var options = new EvaluationOptions { Seed = seed, Asked = AskedInstruction.ForAnotherGoal };
            if (EpisodeSource.Draw(task, split, options, i) is not { } other) continue;
            Measure(EpisodeSource.Draw(task, split, options with { Asked = AskedInstruction.Own }, i)!, other,
                task.Sample(split.SceneSeed(seed, scenes + i), split, SceneOptions.Full).Start, (ulong)i);
        }
    }

    /// <summary>What follows from the measurements.</summary>
    public IEnumerable<Finding> Findings()
    {
        if (_noise.Count == 0)
        {
            yield return new Finding("scenes", Verdict.Fail, "no scene allows another instruction: take another task or split");
            yield break;
        }

        yield return Effect("another instruction in the same scene", Verdict.Fail);
        if (_asked > 0)
        {
            var share = WilsonInterval.Of(_followed, _asked);
            var chance = _chance / _asked;
            yield return new Finding("points at what it is told", share.Lower > chance ? Verdict.Pass : Verdict.Fail,
                string.Create(CultureInfo.InvariantCulture,
                $"at the object the other instruction names in {100 * share.Rate:0} % [{100 * share.Lower:0}, {100 * share.Upper:0}] of {_asked} scenes, chance {100 * chance:0} %"));
        }

        foreach (var name in _effects.Keys.Where(n => n is not ("another instruction in the same scene" or "another picture")))
            yield return Effect(name, Verdict.Warn);
        yield return Effect("another picture", Verdict.Fail);
    }

    private Finding Effect(string name, Verdict below)
    {
        var (effect, noise) = (_effects[name].Average(), _noise.Average());
        var ratio = noise > 0 ? effect / noise : effect > 0 ? double.PositiveInfinity : 0;
        return new Finding(name, ratio >= LeastRatio ? Verdict.Pass : below, string.Create(CultureInfo.InvariantCulture,
            $"changes the action by {effect:0.000} σ, {ratio:0.0}× what noise on pixels does ({noise:0.0000} σ), mean of {_effects[name].Count} scenes"));
    }

    private void Measure(EpisodeSetup episode, EpisodeSetup other, Scene elsewhere, ulong seed)
    {
        var (pictures, frames) = Render(episode.Start);
        var state = Proprioception.Of(episode.Start);
        var own = Act(episode.Instruction.Text, pictures, state);
        var random = new RandomSource(seed);
        _noise.Add(Enumerable.Range(0, NoiseSeeds)
            .Max(_ => Change(own, Act(episode.Instruction.Text, [.. pictures.Select(p => Noisy(p, random))], state))));
        Add("another instruction in the same scene", Act(other.Instruction.Text, pictures, state));
        Follow(other);
        var words = episode.Instruction.Words;
        Add("the instruction withheld", Act(Without(words, episode.Instruction, null), pictures, state));
        var shuffled = words.ToArray();
        random.Shuffle<string>(shuffled);
        Add("the words in another order", Act(string.Join(' ', shuffled), pictures, state));
        foreach (var kind in episode.Instruction.Kinds.Distinct().Where(k => k != WordKind.Other).Order())
            Add($"words withheld: {kind.ToString().ToLowerInvariant()}", Act(Without(words, episode.Instruction, kind), pictures, state));
        Add("the target hidden", Act(episode.Instruction.Text, [.. pictures.Select((p, view) =>
            Hidden(p, frames[view], episode.Goal.Target))], state));
        Add("another picture", Act(episode.Instruction.Text, Render(elsewhere).Pictures, state));

        void Add(string name, float[] action)
        {
            if (!_effects.TryGetValue(name, out var list)) _effects[name] = list = [];
            list.Add(Change(own, action));
        }
    }

    /// <summary>Counts whether the last step points at the target, of policies that say where the thing meant is and where it
    /// goes.</summary>
    private void Follow(EpisodeSetup episode)
    {
        if (_points.Length < 6) return;
        var objects = episode.Start.Objects;
        var nearest = Enumerable.Range(0, objects.Length)
            .MinBy(i => Math.Pow(objects[i].Position.X - _points[0], 2) + Math.Pow(objects[i].Position.Y - _points[1], 2));
        _followed += nearest == episode.Goal.Target ? 1 : 0;
        _asked++;
        _chance += 1.0 / objects.Length;
    }

    private float[] _points = [];

    private float[] Act(string instruction, RgbImage[] pictures, ReadOnlySpan<float> state)
    {
        _policy.SetInstruction(instruction, allowUnknown: true);
        var observation = new Observation { State = state };
        for (var view = 0; view < pictures.Length; view++) observation = observation.With(_policy.Cameras[view], pictures[view]);
        var decision = _policy.Act(observation);
        _points = decision.Points.ToArray();
        return decision.Action.ToArray();
    }

    private double Change(float[] a, float[] b)
    {
        double sum = 0;
        var count = _trained.Policy.Options.Actions;
        for (var i = 0; i < count; i++) sum += Math.Pow((a[i] - b[i]) / _trained.Actions.Deviation[i], 2);
        return Math.Sqrt(sum / count);
    }

    private (RgbImage[] Pictures, CameraFrame[] Frames) Render(Scene scene)
    {
        var frames = _rig.NewFrames();
        _rig.Render(scene, frames);
        return ([.. frames.Select(f => new RgbImage(f.Size, f.Size, [.. f.Rgb]))], frames);
    }

    /// <summary>The words with those of a kind, or all, replaced by one the policy does not know.</summary>
    private static string Without(IReadOnlyList<string> words, Instruction instruction, WordKind? kind) =>
        string.Join(' ', words.Select((word, i) => kind is null || instruction.Kinds[i] == kind ? WordTokenizer.Unknown : word));

    private static RgbImage Noisy(RgbImage picture, RandomSource random) => new(picture.Width, picture.Height,
        [.. picture.Pixels.Select(p => (byte)Math.Clamp(Math.Round(p + 255 * PixelNoise * random.NextGaussian()), 0, 255))]);

    /// <summary>The picture with an object's pixels in the mean colour of the rest.</summary>
    private static RgbImage Hidden(RgbImage picture, CameraFrame frame, int target)
    {
        var (hidden, ids) = (new RgbImage(picture.Width, picture.Height, [.. picture.Pixels]), new byte[frame.Size * frame.Size]);
        frame.WriteIds(ids);
        for (var c = 0; c < RgbImage.Channels; c++)
        {
            double sum = 0;
            var count = 0;
            for (var i = 0; i < ids.Length; i++)
                if (ids[i] != CameraFrame.IdOf(target)) (sum, count) = (sum + picture.Pixels[i * RgbImage.Channels + c], count + 1);
            for (var i = 0; i < ids.Length; i++)
                if (ids[i] == CameraFrame.IdOf(target))
                    hidden.Pixels[i * RgbImage.Channels + c] = (byte)Math.Round(sum / Math.Max(1, count));
        }

        return hidden;
    }
}
