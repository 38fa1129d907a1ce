using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>The policies that are served, each made ready for explanation when a page first asks, and anew when another takes its
/// place.</summary>
/// <param name="policies">The policies that are served.</param>
internal sealed class ServedPolicies(PolicyRegistry policies) : IViewedPolicies, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ServedPolicy Served, ViewedPolicy? Viewed)> _known = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => policies.Names;

    /// <inheritdoc/>
    public ViewedPolicy? Find(string name)
    {
        if (!policies.Names.Contains(name)) return null;
        var served = policies.Get(name);
        lock (_lock)
        {
            if (_known.TryGetValue(name, out var known) && known.Served == served) return known.Viewed;
            _known[name] = (served, served.Trained is { } trained ? new ViewedPolicy(name, trained) : null);
            return _known[name].Viewed;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            foreach (var (_, viewed) in _known.Values) viewed?.Dispose();
    }
}
