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

    /// <summary>The method that is used for a word unless another is asked for: of those with a map of each word the most faithful one that
    /// was measured to be above raw attention (the paired difference of scores excludes 0, docs/trust.md), or else raw attention.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    internal static IMapMethod ForWords(string strategy) => Find(AboveRaw.GetValueOrDefault(strategy, "raw"));

    /// <summary>Strategies for which a method is above raw attention.</summary>
    internal static IReadOnlyDictionary<string, string> AboveRaw { get; } = new Dictionary<string, string>
    {
        ["cross-attention"] = "rollout",
        ["concat-tokens"] = "norm",
        ["multi-view-mean"] = "norm",
        ["textbook-network"] = "relevance",
    };
}
