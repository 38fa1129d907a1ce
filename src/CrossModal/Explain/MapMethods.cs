namespace CrossModal.Explain;

/// <summary>The methods of explanation by name.</summary>
public static class MapMethods
{
    /// <summary>All of them with their usual settings.</summary>
    public static IReadOnlyList<IMapMethod> All { get; } =
    [
        new RawAttention(), new AttentionRollout(), new RelevanceMap(transposed: true), new RelevanceMap(transposed: false),
            new GradientWeightedMap(),
        new GradientOfHeadsMap(), new NormWeightedMap(), new IntegratedGradients(), new MaskedImportance(), new GuidedMasking(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(m => m.Name)];

    /// <summary>Finds a method.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those there are.</exception>
    public static IMapMethod Find(string name) => All.FirstOrDefault(m => m.Name == name)
        ?? throw new ArgumentException($"there is no method of explanation '{name}'; there are: {string.Join(", ", Names)}", nameof(name));
}
