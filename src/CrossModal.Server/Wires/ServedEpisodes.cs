using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>The episodes of clients whose requests come one by one, without a connection that would tell them apart.</summary>
/// <param name="most">Episodes at most; the one that was used longest ago makes room.</param>
/// <param name="kept">Keeps their past frames.</param>
internal sealed class ServedEpisodes(int most, KeptPast kept)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EpisodeKey, LinkedListNode<(EpisodeKey Key, ServedEpisode Episode)>> _episodes = [];
    private readonly LinkedList<(EpisodeKey Key, ServedEpisode Episode)> _used = new();

    /// <summary>Episodes that are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _episodes.Count;
        }
    }

    /// <summary>An episode; a new one when it is not known.</summary>
    /// <param name="client">Whose it is; other clients' episodes of the same name are others.</param>
    /// <param name="policy">The policy's name; null for the first one.</param>
    /// <param name="name">The client's name for it.</param>
    public ServedEpisode Get(string client, string? policy, string name)
    {
        var key = new EpisodeKey(client, policy, name);
        lock (_lock)
        {
            if (_episodes.TryGetValue(key, out var node)) _used.Remove(node);
            else
            {
                if (_episodes.Count == most)
                {
                    var (oldest, unused) = _used.First!.Value;
                    _episodes.Remove(oldest);
                    _used.RemoveFirst();
                    unused.End();
                }

                _episodes[key] = node = new((key, new ServedEpisode(kept, begun: false)));
            }

            _used.AddLast(node);
            return node.Value.Episode;
        }
    }

    /// <summary>Forgets an episode.</summary>
    public void End(string client, string? policy, string name)
    {
        lock (_lock)
            if (_episodes.Remove(new EpisodeKey(client, policy, name), out var node))
            {
                _used.Remove(node);
                node.Value.Episode.End();
            }
    }

    private readonly record struct EpisodeKey(string Client, string? Policy, string Name);
}
