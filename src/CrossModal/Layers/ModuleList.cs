using System.Collections;

namespace CrossModal.Layers;

/// <summary>Modules in a row, named by their number: <c>layers.0</c>, <c>layers.1</c>, …</summary>
/// <typeparam name="T">Kind of module.</typeparam>
public sealed class ModuleList<T> : Module, IReadOnlyList<T>
    where T : Module
{
    private readonly List<T> _items = [];

    /// <summary>Makes <paramref name="count"/> modules.</summary>
    /// <param name="count">How many.</param>
    /// <param name="create">Makes the module of a number.</param>
    public ModuleList(int count, Func<int, T> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        for (var i = 0; i < count; i++) _items.Add(Add($"{i}", create(i)));
    }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
