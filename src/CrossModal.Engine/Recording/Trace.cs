namespace CrossModal.Engine.Recording;

/// <summary>Collects what modules were asked to show of a forward pass: true per-head attention weights, by the name of the layer.</summary>
/// <remarks>Entries are copies: they outlive the pass.</remarks>
public sealed class Trace
{
    private readonly List<KeyValuePair<string, Tensor>> _entries = [];

    /// <summary>The entries in the order they were written.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Entries => _entries;

    /// <summary>The first entry of a name; a layer that ran several times, such as one shared by cameras, has several (<see cref="Entries"/>).</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Tensor this[string name]
    {
        get
        {
            foreach (var (key, value) in _entries)
                if (key == name) return value;
            throw new KeyNotFoundException($"Trace: no entry '{name}'; there are: {string.Join(", ", _entries.Select(e => e.Key))}");
        }
    }

    /// <summary>Adds a copy of a tensor.</summary>
    /// <param name="name">Name of the layer, as in the checkpoint: <c>layers.0.cross_attn</c>.</param>
    /// <param name="value">Attention weights after softmax, before dropout, <c>[B, H, Nq, Nk]</c>.</param>
    public void Add(string name, Tensor value) => _entries.Add(new(name, value.Copy()));

    /// <summary>Forgets all entries.</summary>
    public void Clear() => _entries.Clear();
}
