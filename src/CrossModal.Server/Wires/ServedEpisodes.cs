namespace CrossModal.Server.Wires;

/// <summary>The episodes of clients whose requests come one by one, without a connection that would tell them apart.</summary>
/// <param name="most">Episodes at most; the one that was used longest ago makes room.</param>
internal sealed class MonitoredEpisodes(int most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EpisodeKey, LinkedListNode<(EpisodeKey Key, MonitoredEpisode Episode)>> _episodes = [];
    private readonly LinkedList<(EpisodeKey Key, MonitoredEpisode Episode)> _used = new();

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
    public MonitoredEpisode Get(string client, string? policy, string name)
    {
        var key = new EpisodeKey(client, policy, name);
        lock (_lock)
        {
            if (_episodes.TryGetValue(key, out var node)) _used.Remove(node);
            else
            {
                if (_episodes.Count == most)
                {
                    _episodes.Remove(_used.First!.Value.Key);
                    _used.RemoveFirst();
                }

                _episodes[key] = node = new((key, new MonitoredEpisode()));
            }

            _used.AddLast(node);
            return node.Value.Episode;
        }
    }

    /// <summary>Forgets an episode.</summary>
    public void End(string client, string? policy, string name)
    {
        lock (_lock)
            if (_episodes.Remove(new EpisodeKey(client, policy, name), out var node)) _used.Remove(node);
    }

    private readonly record struct EpisodeKey(string Client, string? Policy, string Name);
}
