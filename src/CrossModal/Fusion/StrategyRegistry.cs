namespace CrossModal.Fusion;

/// <summary>Strategies by name: those it begins with, then those that were registered. Any thread may read and register.</summary>
internal sealed class StrategyRegistry
{
    private readonly Lock _registering = new();
    private readonly int _first;
    private volatile IReadOnlyList<StrategyDescription> _all = [];

    /// <summary>Begins with descriptions, in their order.</summary>
    /// <exception cref="ArgumentException">One is malformed, or two share a name.</exception>
    public StrategyRegistry(params IReadOnlyList<StrategyDescription> first)
    {
        foreach (var description in first) Register(description);
        _first = first.Count;
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<StrategyDescription> All => _all;

    /// <summary>Those that were registered later.</summary>
    public IReadOnlyList<StrategyDescription> Registered => [.. _all.Skip(_first)];

    /// <summary>Adds a strategy.</summary>
    /// <exception cref="ArgumentException">The description is malformed, or its name is taken.</exception>
    public void Register(StrategyDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        description.Check();
        lock (_registering)
        {
            if (_all.FirstOrDefault(known => known.Name == description.Name) is { } taken)
                throw new ArgumentException($"the name '{description.Name}' is taken by a strategy there is: {taken.Title}");
            _all = [.. _all, description];
        }
    }

    /// <summary>Finds a strategy.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those there are.</exception>
    public StrategyDescription Find(string name) => _all.FirstOrDefault(known => known.Name == name) ?? throw new ArgumentException(
        $"no fusion strategy is called '{name}'; there are: {string.Join(", ", _all.Select(d => d.Name))}; "
        + "one of your own is registered first (on the command line: --with its .dll)", nameof(name));
}
