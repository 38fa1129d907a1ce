using CrossModal.Engine.Tensors;

namespace CrossModal.Onnx;

/// <summary>One forward pass recorded at several sizes: sizes in it are expressed by the sizes of its inputs.</summary>
/// <remarks>The first record is at the base of every size; one more for each other size of a symbol, all else at its base. What differs
/// between them depends on that symbol, by a whole multiple that all of its records must agree on.</remarks>
internal sealed class Recordings
{
    private readonly IReadOnlyList<(Recorded Record, SizeSymbol Changed)> _others;
    private readonly Dictionary<Tensor, Origin>[] _origins;

    /// <summary>Records.</summary>
    /// <param name="symbols">The sizes left open.</param>
    /// <param name="record">Records the pass at given sizes.</param>
    /// <exception cref="SizeDependenceException">At another size the pass is refused, or applies other operations.</exception>
    public Recordings(IReadOnlyList<SizeSymbol> symbols, Func<IReadOnlyDictionary<string, int>, Recorded> record)
    {
        var bases = symbols.ToDictionary(symbol => symbol.Name, symbol => symbol.Base);
        Base = record(bases);
        _others = [.. symbols.SelectMany(symbol => symbol.Others.Select(size => (At(symbol, size), symbol)))];
        _origins = [.. _others.Select(other => other.Record).Prepend(Base).Select(Origins)];
        for (var i = 0; i < _others.Count; i++) CheckSame(_others[i].Record, _origins[i + 1], _others[i].Changed.Name);

        Recorded At(SizeSymbol symbol, int size)
        {
            try
            {
                return record(new Dictionary<string, int>(bases) { [symbol.Name] = size });
            }
            catch (ShapeException error)
            {
                throw new SizeDependenceException(symbol.Name, error.Message);
            }
        }
    }

    /// <summary>The record at the base of every size.</summary>
    public Recorded Base { get; }

    /// <summary>Where a tensor of the base record comes from; null for numbers that nothing made.</summary>
    public Origin? OriginOf(Tensor tensor) => _origins[0].TryGetValue(tensor, out var origin) ? origin : null;

    /// <summary>A size that follows from those of the inputs.</summary>
    /// <param name="size">Reads it from a record.</param>
    /// <param name="what">What it is a size of, for errors.</param>
    /// <exception cref="SizeDependenceException">It is no sum of whole multiples of them.</exception>
    public Dim Size(Func<Recorded, int> size, string what)
    {
        var at = size(Base);
        var terms = new List<(string Symbol, int Factor)>();
        var constant = at;
        foreach (var group in _others.GroupBy(other => other.Changed))
        {
            var name = group.Key.Name;
            int? factor = null;
            foreach (var (record, _) in group)
            {
                var (change, step) = (size(record) - at, record.Sizes[name] - Base.Sizes[name]);
                if (change % step != 0 || factor is { } known && known != change / step)
                    throw new SizeDependenceException(name, $"{what} does not grow evenly with it");
                factor = change / step;
            }

            terms.Add((name, factor!.Value));
            constant -= factor.Value * Base.Sizes[name];
        }

        return new Dim(constant, terms);
    }

    /// <summary>Sizes of a tensor.</summary>
    /// <exception cref="SizeDependenceException">One is no sum of whole multiples, or the number of axes differs.</exception>
    public Dim[] Shape(Func<Recorded, Tensor> tensor, string what)
    {
        var rank = Same(record => tensor(record).Shape.Rank, what);
        return [.. Enumerable.Range(0, rank).Select(axis => Size(record => tensor(record).Shape[axis], what))];
    }

    /// <summary>Something that no size changes.</summary>
    /// <exception cref="SizeDependenceException">It differs between records.</exception>
    public T Same<T>(Func<Recorded, T> value, string what)
    {
        var at = value(Base);
        foreach (var (record, symbol) in _others)
        {
            if (EqualityComparer<T>.Default.Equals(value(record), at)) continue;
            throw new SizeDependenceException(symbol.Name, $"{what} depends on it");
        }

        return at;
    }

    /// <summary>Whether numbers that nothing made are the same tensor, or equal ones of one shape, in all records.</summary>
    /// <param name="tensor">Reads them from a record.</param>
    public bool AreEqual(Func<Recorded, Tensor> tensor)
    {
        var at = tensor(Base);
        return _others.All(other => IsEqual(tensor(other.Record)));

        bool IsEqual(Tensor there) => there == at || there.Shape == at.Shape && there.Span.SequenceEqual(at.Span);
    }

    /// <summary>The name of the size whose record differs in something.</summary>
    public string Cause(Func<Recorded, bool> differs) => _others.FirstOrDefault(other => differs(other.Record)).Changed?.Name ?? "";

    /// <summary>Every record.</summary>
    public IEnumerable<Recorded> All => _others.Select(other => other.Record).Prepend(Base);

    private static Dictionary<Tensor, Origin> Origins(Recorded record)
    {
        var origins = new Dictionary<Tensor, Origin>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < record.Inputs.Count; i++) origins[record.Inputs[i]] = new Origin(-1, i);
        for (var i = 0; i < record.Nodes.Count; i++)
            for (var j = 0; j < record.Nodes[i].Outputs.Count; j++) origins[record.Nodes[i].Outputs[j]] = new Origin(i, j);
        return origins;
    }

    private void CheckSame(Recorded record, Dictionary<Tensor, Origin> origins, string symbol)
    {
        var same = record.Nodes.Count == Base.Nodes.Count
            && record.Outputs.Select(o => o.Name).SequenceEqual(Base.Outputs.Select(o => o.Name));
        for (var i = 0; same && i < Base.Nodes.Count; i++)
        {
            var (here, there) = (Base.Nodes[i], record.Nodes[i]);
            same = here.Operation.GetType() == there.Operation.GetType()
                && here.Inputs.Count == there.Inputs.Count && here.Outputs.Count == there.Outputs.Count;
            for (var j = 0; same && j < here.Inputs.Count; j++) same = Find(_origins[0], here.Inputs[j]) == Find(origins, there.Inputs[j]);
        }

        for (var i = 0; same && i < Base.Outputs.Count; i++)
            same = Find(_origins[0], Base.Outputs[i].Value) == Find(origins, record.Outputs[i].Value);
        if (!same) throw new SizeDependenceException(symbol, "other operations are applied");

        static Origin? Find(Dictionary<Tensor, Origin> origins, Tensor tensor) =>
            origins.TryGetValue(tensor, out var origin) ? origin : null;
    }
}
