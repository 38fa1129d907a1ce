using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Whose patches the keys of an attention are, told by their number: those of one camera or of all, as they were or made fewer.</summary>
internal sealed class CameraPatches
{
    // For each camera: by number of tokens, where they came from; null for the patches themselves.
    private readonly Dictionary<int, TokenSource?>[] _sources;
    private readonly Dictionary<string, int> _runs = [];

    /// <summary>Reads where tokens came from.</summary>
    public CameraPatches(Trace trace, TokenGrid grid, int views) =>
        _sources = [.. Enumerable.Range(0, views).Select(view => Sources(trace, grid, view))];

    /// <summary>Whether so many tokens are patches.</summary>
    public bool Are(int count) => IsOne(count) || IsAll(count);

    /// <summary>The cameras, the place of each one's first token among the keys, and where its tokens came from; none when they are no patches.</summary>
    /// <param name="count">Number of tokens.</param>
    /// <param name="layer">The attention; told for every run, since one that looks at one camera at a time runs again for the next.</param>
    public IEnumerable<(int View, int First, TokenSource? Source)> Of(int count, string layer)
    {
        if (IsOne(count))
        {
            var view = Own(layer);
            return [(view, 0, _sources[view][count])];
        }

        return IsAll(count) ? _sources.Select((sources, view) => (view, view * count / _sources.Length, sources[count / _sources.Length])) : [];
    }

    private bool IsOne(int count) => _sources[0].ContainsKey(count);

    private bool IsAll(int count) => count % _sources.Length == 0 && _sources[0].ContainsKey(count / _sources.Length);

    private int Own(string layer)
    {
        var run = _runs[layer] = _runs.GetValueOrDefault(layer) + 1;
        for (var view = 1; view < _sources.Length; view++)
            if (layer.Contains($"views.{view}.", StringComparison.Ordinal)) return view;
        return Math.Min(run, _sources.Length) - 1;
    }

    private static Dictionary<int, TokenSource?> Sources(Trace trace, TokenGrid grid, int view)
    {
        var sources = new Dictionary<int, TokenSource?> { [grid.Count] = null };

        // What makes tokens fewer runs once for each camera, under one name.
        foreach (var runs in trace.Sources.GroupBy(s => s.Key).Select(g => g.ToList()))
        {
            var source = new TokenSource(runs[Math.Min(view, runs.Count - 1)].Value);
            if (sources.TryGetValue(source.Originals, out var before)) sources[source.Tokens] = before?.Then(source) ?? source;
        }

        return sources;
    }
}
