namespace CrossModal.Engine.Recording;

/// <summary>Collects what modules were asked to show of a forward pass: true per-head attention weights, by the name of the
/// layer.</summary>
/// <remarks>Entries are copies and outlive the pass, but for those of <see cref="WithGradients"/> and of a pass that computes
/// nothing.</remarks>
public sealed class AttentionTrace
{
    private readonly List<TraceEntry> _entries = [];
    private readonly List<KeyValuePair<string, Tensor>> _sources = [];

    /// <summary>A trace that copies the weights of every attention.</summary>
    public AttentionTrace()
    {
    }

    private AttentionTrace(string layer) => Layer = layer;

    /// <summary>The one layer whose weights are wanted with gradients; null for copies of all.</summary>
    public string? Layer { get; }

    /// <summary>A trace of the weights of one layer as tensors of the pass, for losses on attention weights; valid as long as the
    /// pass.</summary>
    /// <param name="layer">Name of the layer.</param>
    public static AttentionTrace WithGradients(string layer)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        return new AttentionTrace(layer);
    }

    /// <summary>What the queries of an attention may not attend to, beside its own mask: from what queries and keys are, numbers added to
    /// the scores <c>[1, 1, Nq, Nk]</c>, −∞ where an edge is knocked out; null where none is.</summary>
    internal Func<IReadOnlyList<TokenRun>?, IReadOnlyList<TokenRun>?, Tensor?>? Blocked { get; init; }

    /// <summary>The entries in the order they were written.</summary>
    public IReadOnlyList<TraceEntry> Entries => _entries;

    /// <summary>The first entry of a name; a layer that ran several times, such as one shared by cameras, has several
    /// (<see cref="Entries"/>).</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Tensor this[string name]
    {
        get
        {
            foreach (var (key, value) in _entries)
                if (key == name) return value;
            throw new KeyNotFoundException(
                $"AttentionTrace: no entry '{name}'; there are: {string.Join(", ", _entries.Select(e => e.Key))}");
        }
    }

    /// <summary>Adds a tensor of the pass as it is.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="value">Attention weights <c>[B, H, Nq, Nk]</c>.</param>
    /// <param name="queries">What the queries are, run by run; null when that is not known.</param>
    /// <param name="keys">What the keys are.</param>
    public void Hold(string name, Tensor value, IReadOnlyList<TokenRun>? queries = null, IReadOnlyList<TokenRun>? keys = null) =>
        _entries.Add(new TraceEntry(name, value) { QueryTokens = queries, KeyTokens = keys });

    /// <summary>Adds a copy of a tensor.</summary>
    /// <param name="name">Name of the layer, as in the checkpoint: <c>layers.0.cross_attn</c>.</param>
    /// <param name="value">Attention weights after softmax, before dropout, <c>[B, H, Nq, Nk]</c>.</param>
    /// <param name="queries">What the queries are, run by run; null when that is not known.</param>
    /// <param name="keys">What the keys are.</param>
    public void Add(string name, Tensor value, IReadOnlyList<TokenRun>? queries = null, IReadOnlyList<TokenRun>? keys = null) =>
        Hold(name, value.Copy(), queries, keys);

    /// <summary>Where visual tokens that were made fewer came from, in the order it was written.</summary>
    /// <remarks>Each is a map <c>[B or 1, M, N]</c> from N tokens to M: rows say what share each of the N has in a new token, and sum to 1
    /// (to 0 for padding). Attention to the M times this map is attention to the N.</remarks>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Sources => _sources;

    /// <summary>Adds a copy of such a map.</summary>
    /// <param name="name">Name of what made the tokens fewer, as in the checkpoint.</param>
    /// <param name="map"><c>[B or 1, M, N]</c>.</param>
    /// <returns>The copy.</returns>
    public Tensor AddSource(string name, Tensor map)
    {
        _sources.Add(new(name, map.Copy()));
        return _sources[^1].Value;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _entries.Clear();
        _sources.Clear();
    }
}
