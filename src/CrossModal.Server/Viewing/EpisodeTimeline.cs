using CrossModal.Policies;

namespace CrossModal.Server.Viewing;

/// <summary>What a policy decides at a step, and what is said of it.</summary>
/// <param name="Action">The action <c>[A]</c>.</param>
/// <param name="Score">The monitor's probability of failure; null without a monitor.</param>
/// <param name="Stop">Whether the monitor would have stopped the episode by now.</param>
/// <param name="Effect">By how much the action would change under the other instruction, in standard deviations of the training data; null
/// without one.</param>
/// <param name="Differs">Whether the policy would act differently under it.</param>
internal sealed record StepReading(float[] Action, float? Score, bool Stop, float? Effect, bool Differs);

/// <summary>What a policy decides at each step of an episode, in order, as a monitor needs it; of a policy with past frames from the first
/// step on that has them all, where the start of the episode was not kept.</summary>
internal sealed class EpisodeTimeline
{
    private readonly Policy _policy;
    private readonly ViewedEpisode _episode;
    private readonly List<StepReading> _readings = [];
    private readonly string? _other;
    private bool _begun;
    private int _incomplete;

    /// <summary>A timeline.</summary>
    /// <param name="policy">The policy, for nobody else.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="other">The instruction it is held against; null for none.</param>
    public EpisodeTimeline(Policy policy, ViewedEpisode episode, string? other) =>
        (_policy, _episode, _other, First) = (policy, episode, other, episode.Range.First);

    /// <summary>The episode.</summary>
    public ViewedEpisode Episode => _episode;

    /// <summary>The other instruction.</summary>
    public string? Other => _other;

    /// <summary>Number of the first step.</summary>
    public int First { get; private set; }

    /// <summary>The largest change of the action by noise on pixels, in standard deviations; NaN without another instruction.</summary>
    public float Noise { get; private set; } = float.NaN;

    /// <summary>The score above which the monitor stops an episode; null without one.</summary>
    public float? Threshold { get; private set; }

    /// <summary>The readings of all steps so far, from <see cref="First"/> on.</summary>
    /// <exception cref="ArgumentException">An instruction has no word, or too many.</exception>
    public IReadOnlyList<StepReading> Read(CancellationToken cancellation)
    {
        Begin();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var (first, end) = _episode.Range;
            if (First + _readings.Count < first) Skip(first);
            var next = First + _readings.Count;
            if (next >= end || _episode.Find(next) is not { } step) return _readings;
            if (_incomplete > 0)
            {
                _policy.Act(step.ToObservation(_policy.Cameras));
                (_incomplete, First) = (_incomplete - 1, First + 1);
                continue;
            }

            if (_other is not null && float.IsNaN(Noise)) Noise = _policy.MeasureNoise(step.ToObservation(_policy.Cameras));
            _readings.Add(Of(_policy.Act(step.ToObservation(_policy.Cameras))));
        }
    }

    private void Begin()
    {
        if (_begun) return;
        Start();
        if (_other is not null) _policy.Compare(_other);
        _begun = true;
    }

    /// <summary>Steps that were dropped before they were computed are no part of the timeline: it begins anew.</summary>
    private void Skip(int first)
    {
        _readings.Clear();
        First = first;
        Start();
    }

    private void Start()
    {
        _policy.SetInstruction(_episode.Instruction, allowUnknown: true);
        _incomplete = _episode.Before + First > 0 ? _policy.PastFrames : 0;
    }

    private StepReading Of(Decision decision)
    {
        Threshold = decision.Monitor?.Threshold;
        var other = decision.Counterfactuals.Count > 0 ? decision.Counterfactuals[0] : null;
        return new StepReading(decision.Action.ToArray(), decision.Monitor?.Score, decision.Monitor?.Stop ?? false, other?.Effect,
            other?.Differs ?? false);
    }
}
