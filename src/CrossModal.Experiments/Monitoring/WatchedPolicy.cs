using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Experiments.Monitoring;

/// <summary>A policy on the tabletop that is computed for two instructions at once: the episode's, by which it acts, and a blank one. What
/// a monitor would be given is recorded, and the action may be guided away from what it would be without words.</summary>
internal sealed class WatchedPolicy : IPolicy
{
    // Batches are padded to a multiple of this, so that episodes that end do not each need a plan of their own.
    private const int BatchStep = 5;
    private const int Moves = 3;

    private readonly TrainedPolicy _trained;
    private readonly RolloutCondition _condition;
    private readonly CompiledWeights _weights;
    private readonly bool _recorded;
    private readonly Dictionary<int, (PolicyRunner Runner, string[] Told)> _runners = [];
    private readonly Dictionary<int, List<float[]>> _signals = [];

    /// <summary>Prepares a policy.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="condition">The circumstances.</param>
    /// <param name="weights">Packed weights, shared between threads.</param>
    /// <param name="recorded">Whether signals are recorded.</param>
    /// <param name="guidance">g of <see cref="PolicyRunner.Guidance"/>.</param>
    public WatchedPolicy(TrainedPolicy trained, RolloutCondition condition, CompiledWeights weights, bool recorded, float guidance = 0)
    {
        (_trained, _condition, _weights, _recorded, Guidance) = (trained, condition, weights, recorded, guidance);
    }

    /// <summary>g.</summary>
    public float Guidance { get; }

    /// <summary>How the recorded numbers lie; known after the first step.</summary>
    public MonitorLayout? Layout { get; private set; }

    /// <summary>The steps of an episode, each <c>[F]</c>.</summary>
    public IReadOnlyList<float[]> Signals(int episode) => _signals[episode];

    /// <inheritdoc/>
    public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
    {
        var (runner, told) = Runner(observations.Length);
        for (var i = 0; i < runner.Pictures; i++) Observe(runner, told, i, observations[Math.Min(i, observations.Length - 1)]);
        runner.Run();
        if (_recorded) Layout ??= runner.SignalsOf(effectEvery: 1);
        for (var i = 0; i < observations.Length; i++)
        {
            var action = runner[2 * i].Action;
            actions[i] = new RobotAction(action[0], action[1], action[2], action[Moves] > 0 && !_condition.StuckGripper).Clipped();
            if (!_recorded) continue;
            var signals = new float[Layout!.Count];
            runner.WriteSignals(2 * i, 2 * i + 1, signals);
            if (!_signals.TryGetValue(observations[i].EpisodeIndex, out var steps))
                _signals.Add(observations[i].EpisodeIndex, steps = []);
            steps.Add(signals);
        }
    }

    private void Observe(PolicyRunner runner, string[] told, int index, TabletopObservation observation)
    {
        var text = _condition.Told(observation.Instruction, observation.EpisodeIndex);
        if (told[index] != text)
        {
            runner.SetInstruction(2 * index, text, allowUnknown: true);
            told[index] = text;
        }

        runner.Follow(index, observation.Past);
        observation.Past = runner.Past(index);
        var encoded = new Observation { State = observation.Proprioception.Span };
        var cameras = _trained.Signature.Cameras;
        for (var view = 0; view < cameras.Count; view++) encoded = encoded.With(cameras[view], observation.Frames[view].ToFrame());
        runner.Observe(index, encoded);
    }

    private (PolicyRunner Runner, string[] Told) Runner(int observations)
    {
        var size = observations < BatchStep ? observations : (observations + BatchStep - 1) / BatchStep * BatchStep;
        if (_runners.TryGetValue(size, out var known)) return known;
        var runner = new PolicyRunner(_trained, size, 2 * size, new PolicyRunOptions { KeepFrames = false }, _weights,
            _recorded ? MonitorNeeds.Steps : MonitorNeeds.Nothing)
        {
            Guidance = Guidance,
        };
        for (var i = 0; i < size; i++) runner.SetInstruction(2 * i + 1, WordTokenizer.Unknown, allowUnknown: true);
        var made = (runner, new string[size]);
        _runners.Add(size, made);
        return made;
    }
}
