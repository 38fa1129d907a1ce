namespace CrossModal.Cli.Diagnosis;

/// <summary>Changes of the action, in standard deviations, by what was changed in the input; and what noise on pixels does.</summary>
internal sealed class Effects
{
    // An effect below this multiple of the noise could be noise.
    private const double LeastRatio = 3;

    // In standard deviations of the action: a change that no robot would notice.
    private const double LeastEffect = 0.02;

    private readonly OrderedDictionary<string, List<double>> _effects = [];
    private readonly List<double> _noise = [];

    /// <summary>The mean change by noise on pixels; NaN when none was measured.</summary>
    public double Noise => _noise.Count == 0 ? double.NaN : _noise.Average();

    /// <summary>What was changed, in the order it was first measured.</summary>
    public IEnumerable<string> Names => _effects.Keys;

    /// <summary>Adds what noise did in a case.</summary>
    public void AddNoise(double change) => _noise.Add(change);

    /// <summary>Adds a change.</summary>
    public void Add(string name, double change)
    {
        if (!_effects.TryGetValue(name, out var list)) _effects[name] = list = [];
        list.Add(change);
    }

    /// <summary>The changes of a name, case by case; empty when it was never measured.</summary>
    public IReadOnlyList<double> Of(string name) => _effects.TryGetValue(name, out var list) ? list : [];

    /// <summary>The mean change; 0 when it was never measured.</summary>
    public double Mean(string name) => Of(name) is { Count: > 0 } list ? list.Average() : 0;

    /// <summary>How often the noise.</summary>
    public double Ratio(string name) => Noise > 0 ? Mean(name) / Noise : Mean(name) > 0 ? double.PositiveInfinity : 0;

    /// <summary>Whether the change is above the noise, and large enough to matter.</summary>
    public bool Matters(string name) => Ratio(name) >= LeastRatio && Mean(name) >= LeastEffect;
}
