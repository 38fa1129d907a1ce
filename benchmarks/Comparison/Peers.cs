namespace CrossModal.Benchmarks.Comparison;

/// <summary>The running peers, one process an engine and thread count, started when first asked.</summary>
/// <param name="installation">Where they come from.</param>
/// <param name="skipped">Called with what cannot be measured, by key, and why.</param>
internal sealed class Peers(Installation installation, IDictionary<string, string> skipped) : IDisposable
{
    private readonly Dictionary<(string Engine, int Threads), PeerProcess> _running = [];

    /// <summary>Of the last answer to a measure: see <see cref="PeerProcess.Waited"/>.</summary>
    public double Waited { get; private set; } = 1;

    /// <summary>The numbers of an entry; null when it cannot be measured, which it then never will be again.</summary>
    public double[]? Ask(Measure measure, Entry entry, int count)
    {
        var key = $"{measure.Key} {entry.Key}";
        if (!installation.Has(entry.Engine) || skipped.ContainsKey(key)) return null;
        var place = (entry.Engine, measure.Threads);
        try
        {
            if (!_running.TryGetValue(place, out var peer))
                _running[place] = peer = new($"{entry.Engine} on {measure.Threads}", installation.Start(entry.Engine, measure.Threads));
            var numbers = peer.Ask(entry.Case, count);
            Waited = peer.Waited;
            return numbers;
        }
        catch (PeerException e)
        {
            skipped[key] = e.Message;

            // A new process serves the other cases.
            if (e.Gone && _running.Remove(place, out var gone)) gone.Dispose();
            return null;
        }
    }

    /// <summary>One number of our engine, from a process that did nothing else; null when it cannot be measured.</summary>
    public double? Ask(Figure figure)
    {
        try
        {
            using var peer = new PeerProcess($"{Plan.Ours} on {figure.Threads}", installation.Start(Plan.Ours, figure.Threads));
            return peer.Ask(figure.Case, 1)[0] * figure.UnitSize;
        }
        catch (PeerException e)
        {
            skipped[figure.Key] = e.Message;
            return null;
        }
    }

    /// <summary>Ends all of them.</summary>
    public void Dispose()
    {
        foreach (var peer in _running.Values) peer.Dispose();
        _running.Clear();
    }
}
