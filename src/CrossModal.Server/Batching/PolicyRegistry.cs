using System.Collections.Concurrent;

namespace CrossModal.Server.Batching;

/// <summary>The policies that are served, by name; one may take the place of another while clients are connected.</summary>
internal sealed class PolicyRegistry
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, ServedPolicy> _policies = new(StringComparer.Ordinal);
    private string? _default;

    /// <summary>The names of the policies, in order.</summary>
    public IReadOnlyList<string> Names => [.. _policies.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether there are policies, and all were warmed up.</summary>
    public bool IsReady => !_policies.IsEmpty && _policies.Values.All(p => p.IsReady);

    /// <summary>Requests that wait, of all policies.</summary>
    public int Waiting => _policies.Values.Sum(p => p.Waiting);

    /// <summary>Adds a policy, or puts it into the place of the one of its name, whose waiting requests are still answered.</summary>
    /// <exception cref="ArgumentException">It takes or gives other numbers than the one it would replace.</exception>
    public void Set(ServedPolicy policy)
    {
        _default ??= policy.Name;
        if (!_policies.TryGetValue(policy.Name, out var old))
        {
            _policies[policy.Name] = policy;
            return;
        }

        var (was, now) = (old.Signature, policy.Signature);
        if (!was.Cameras.SequenceEqual(now.Cameras) || !Same(was.Actions, now.Actions) || !Same(was.States, now.States))
            throw new ArgumentException(
                $"the policy '{policy.Name}' has other cameras, states or actions than the one it would replace: serve it under a name of its own");
        _policies[policy.Name] = policy;
        old.Close();

        static bool Same(IReadOnlyList<Data.Quantity> a, IReadOnlyList<Data.Quantity> b) =>
            a.Select(q => (q.Name, q.Unit)).SequenceEqual(b.Select(q => (q.Name, q.Unit)));
    }

    /// <summary>A policy by name; the first one for null.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public ServedPolicy Get(string? name)
    {
        if (_default is null) throw new RefusedException(Refusal.Unavailable, "no policy is loaded yet");
        return _policies.TryGetValue(name ?? _default, out var policy) ? policy
            : throw new RefusedException(Refusal.Unknown, $"there is no policy '{name}'; there are: {string.Join(", ", Names)}");
    }

    /// <summary>Takes no further requests, and waits until those that wait were answered.</summary>
    public void Close()
    {
        foreach (var policy in _policies.Values) policy.Close();
        foreach (var policy in _policies.Values) policy.Join(LongestEnd);
    }
}
