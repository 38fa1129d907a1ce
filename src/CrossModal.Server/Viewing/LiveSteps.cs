using System.Globalization;
using CrossModal.Data;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using CrossModal.Server.Wires;

namespace CrossModal.Server.Viewing;

/// <summary>What clients send now: the last steps of each, kept only while a page watches.</summary>
/// <param name="policies">The policies that are served.</param>
internal sealed class LiveSteps(PolicyRegistry policies) : IEpisodeSource, IStepWatcher
{
    private const int MostSteps = 600;
    private const int MostSessions = 16;
    private const long MostBytes = 96L << 20;

    // A page asks about twice a second.
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);

    // A client that was silent for so long begins another episode.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<Session> _sessions = [];
    private long _asked = -(1L << 40);
    private int _count;

    /// <inheritdoc/>
    public bool IsWatched => Environment.TickCount64 - Interlocked.Read(ref _asked) < Watched.TotalMilliseconds;

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <inheritdoc/>
    public string Title => string.Join(", ", policies.Names);

    /// <inheritdoc/>
    public IReadOnlyList<string> Cameras(string? policy) => policies.Get(policy).Signature.Cameras;

    /// <inheritdoc/>
    public IReadOnlyList<Quantity> Actions(string? policy) => policies.Get(policy).Signature.Actions;

    /// <inheritdoc/>
    public IReadOnlyList<EpisodeHead> List()
    {
        Interlocked.Exchange(ref _asked, Environment.TickCount64);
        lock (_lock)
            return [.. _sessions.Select(s => new EpisodeHead(s.Episode.Id, s.Episode.Name, s.Episode.Instruction, s.Episode.Range.End,
                null))];
    }

    /// <inheritdoc/>
    public ViewedEpisode? Open(string id)
    {
        Interlocked.Exchange(ref _asked, Environment.TickCount64);
        lock (_lock) return _sessions.Find(s => s.Episode.Id == id)?.Episode;
    }

    /// <inheritdoc/>
    public void Took(ServedPolicy policy, string client, DecodedObservation observation, float[] action, EpisodeStep? step = null)
    {
        var pictures = new List<RgbImage>();
        foreach (var camera in policy.Signature.Cameras)
        {
            var (found, picture) = Find(observation, camera);
            if (!found) return;
            pictures.Add(new Frame(picture.Bytes.Span, picture.Width, picture.Height, picture.Format).ToImage());
        }

        var viewed = new ViewedStep(pictures, [.. observation.State], null) { Sent = [.. action] };
        lock (_lock)
        {
            var session = SessionOf(policy.Name, client, observation.Instruction, step);
            session.Episode.Add(viewed);
            session.Last = Environment.TickCount64;
            if (session.Episode.Range is var (first, end) && end - first > MostSteps) session.Episode.Drop();
            Bound(session);
        }
    }

    private static (bool, PictureValue) Find(DecodedObservation observation, string camera)
    {
        foreach (var (name, picture) in observation.Cameras)
            if (name == camera) return (true, picture);
        return (false, default);
    }

    /// <summary>The session that a step belongs to. Of a policy with past frames all steps of one are consecutive steps of an
    /// episode.</summary>
    private Session SessionOf(string policy, string client, string instruction, EpisodeStep? step)
    {
        var now = Environment.TickCount64;
        var known = _sessions.FindLast(s => s.Client == client && s.Episode.Policy == policy && (step is null || s.IsOf(step.Value)));
        if (known is not null && known.Episode.Instruction == instruction
            && (step is { } next ? next.Number == known.Episode.Before + known.Episode.Range.End
                : now - known.Last < LongestPause.TotalMilliseconds))
            return known;
        var number = ++_count;
        var session = new Session(client, new ViewedEpisode(number.ToString(CultureInfo.InvariantCulture), $"{policy} · {client}",
            instruction)
        {
            Policy = policy,
            Before = step?.Number ?? 0,
        }, step?.Episode);
        _sessions.Add(session);
        if (_sessions.Count > MostSessions) _sessions.Remove(_sessions.MinBy(s => s.Last)!);
        return session;
    }

    /// <summary>Drops what was sent longest ago: whole sessions but the present one first, then its own first steps.</summary>
    private void Bound(Session present)
    {
        while (_sessions.Sum(s => s.Episode.Bytes) > MostBytes)
        {
            if (_sessions.Where(s => s != present).MinBy(s => s.Last) is { } oldest) _sessions.Remove(oldest);
            else if (present.Episode.Range is var (first, end) && end - first > 1) present.Episode.Drop();
            else return;
        }
    }

    private sealed class Session(string client, ViewedEpisode episode, PastMemory? past)
    {
        // An episode that is over is not kept for the page.
        private readonly WeakReference<PastMemory>? _past = past is null ? null : new(past);

        public string Client { get; } = client;

        public ViewedEpisode Episode { get; } = episode;

        public bool IsOf(EpisodeStep step) => _past is not null && _past.TryGetTarget(out var past) && past == step.Episode;

        public long Last { get; set; } = Environment.TickCount64;
    }
}
