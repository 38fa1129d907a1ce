using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>A policy whose decisions the viewer explains, one request at a time; what was computed last is kept.</summary>
internal sealed class ViewedPolicy : IDisposable
{
    private const int MostSteps = 32;
    private const int MostTimelines = 8;

    private readonly Policy _policy;
    private readonly string _strategy;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<(ViewedEpisode Episode, int Step, string Target, StepMaps Maps)> _steps = [];
    private readonly List<EpisodeTimeline> _timelines = [];

    /// <summary>A policy.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="trained">The policy; the monitor beside its weights is used.</param>
    /// <exception cref="Engine.Formats.FileFormatException">Its monitor is damaged.</exception>
    public ViewedPolicy(string name, TrainedPolicy trained)
    {
        (Name, _strategy) = (name, trained.Policy.Options.Strategy);
        _policy = Policy.Monitored(trained);
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Name of its fusion strategy.</summary>
    public string Strategy => _strategy;

    /// <summary>The method that was measured to be most faithful for the strategy.</summary>
    public string Method => MapMethods.ForWords(_strategy).Name;

    /// <summary>The policy: its names, its patches.</summary>
    public Policy Policy => _policy;

    /// <summary>The parts of an action that can be explained.</summary>
    public IReadOnlyList<string> Targets
    {
        get
        {
            var gripper = _policy.Actions.Any(a => a.Name == PolicySignature.Close.Name);
            return ["direction", .. gripper ? ["gripper"] : (string[])[],
                .. _policy.Actions.Where(a => a.Name != PolicySignature.Close.Name)
                .SelectMany(a => new[] { "+" + a.Name, "-" + a.Name })];
        }
    }

    /// <summary>Uses the maps of a step.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="number">Number of the step.</param>
    /// <param name="target">What of the action is explained.</param>
    /// <param name="use">Takes from them.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    /// <exception cref="RefusedException">There is no such step.</exception>
    public async Task<T> Maps<T>(ViewedEpisode episode, int number, string target, Func<StepMaps, T> use, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return use(MapsOf(episode, number, target));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Uses the timeline of an episode.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="other">The instruction it is held against; null for none.</param>
    /// <param name="use">Takes from it and its readings.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    public async Task<T> Timeline<T>(ViewedEpisode episode, string? other, Func<EpisodeTimeline, IReadOnlyList<StepReading>, T> use,
        CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var timeline = _timelines.Find(t => t.Episode == episode && t.Other == other)
                ?? new EpisodeTimeline(_policy.Share(), episode, other);
            var readings = timeline.Read(cancellation);
            _timelines.Remove(timeline);
            _timelines.Add(timeline);
            if (_timelines.Count > MostTimelines) _timelines.RemoveAt(0);
            return use(timeline, readings);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _policy.Dispose();
        _turn.Dispose();
    }

    private StepMaps MapsOf(ViewedEpisode episode, int number, string target)
    {
        var at = _steps.FindIndex(s => s.Episode == episode && s.Step == number && s.Target == target);
        var entry = at >= 0 ? _steps[at] : (episode, number, target, new StepMaps(_policy, episode, number, target));
        if (at >= 0) _steps.RemoveAt(at);
        _steps.Add(entry);
        if (_steps.Count > MostSteps) _steps.RemoveAt(0);
        return entry.Item4;
    }
}
