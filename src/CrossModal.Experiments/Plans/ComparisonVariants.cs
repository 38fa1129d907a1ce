using CrossModal.Fusion;

namespace CrossModal.Experiments.Plans;

/// <summary>Which configurations of which strategies a comparison shows. A strategy that is not in the table appears once, with two
/// layers.</summary>
internal static class ComparisonVariants
{
    /// <summary>The best known row, on which ablations change one thing at a time.</summary>
    public const string Base = "cross-attention-4";

    /// <summary>The strategies of the textbook's table, in its order.</summary>
    private static readonly ComparisonVariant[] Textbook =
    [
        Of("concat-pooled"), Of("concat-tokens"), OfLayers("cross-attention", 1), OfLayers("cross-attention", 2),
            OfLayers("cross-attention", 4),
        OfLayers("co-attention", 1), OfLayers("co-attention", 4), OfLatents("perceiver", 8), OfLatents("perceiver", 32),
        Of("textbook-network") with { Name = "textbook-block", Label = "The textbook's block, to the letter", Layers = 1 },
            Of("textbook-network") with { Layers = 4 },
        Of("multi-view-mean"), Of("multi-view-joint"),
    ];

    /// <summary>The student of distillation: as small as a strategy with attention gets. No row of the table.</summary>
    public static ComparisonVariant Student { get; } = new("student", "Student: 1 layer, 16 visual tokens", "cross-attention")
    {
        Layers = 1,
        Vision = new VisionOptions { Tokens = new VisualTokens(TokenReduction.Pool, 16) },
    };

    /// <summary>The strategies of the textbook's table.</summary>
    public static IReadOnlyList<ComparisonVariant> OfTextbook => Textbook;

    /// <summary>Strategies that are not the library's own: they were registered to be compared, so the table shows them below the
    /// textbook's.</summary>
    public static IReadOnlyList<ComparisonVariant> Yours => [.. FusionStrategies.Registered.Select(Of)];

    /// <summary>The rows of the table, all trained with as many seeds and budgets.</summary>
    public static IReadOnlyList<ComparisonVariant> Table => [.. Textbook, .. Yours];

    /// <summary>Every other strategy the library has.</summary>
    public static IReadOnlyList<ComparisonVariant> Further { get; } =
        [.. FusionStrategies.All.Except(FusionStrategies.Registered).Where(d => Textbook.All(v => v.Strategy != d.Name))
            .Select(FurtherRow)];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ComparisonVariant> All => [.. Table, .. Further];

    /// <summary>Finds a row by name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static ComparisonVariant Find(string name) => All.FirstOrDefault(v => v.Name == name)
        ?? throw new ArgumentException($"compare: there is no variant '{name}'; there are {string.Join(", ", All.Select(v => v.Name))}",
            nameof(name));

    // Of layers by turns, two have one cross-attention.
    private static ComparisonVariant FurtherRow(StrategyDescription strategy) =>
        strategy.Name == "interleaved" ? Of(strategy) with { Label = $"{strategy.Title}, 4 layers", Layers = 4 } : Of(strategy);

    private static ComparisonVariant Of(StrategyDescription strategy) =>
        new(strategy.Name, strategy.Title, strategy.Name) { Views = strategy.Views };

    private static ComparisonVariant Of(string strategy) => Of(FusionStrategies.Find(strategy));

    private static ComparisonVariant OfLayers(string strategy, int layers)
    {
        var row = Of(strategy);
        return row with
        {
            Name = $"{strategy}-{layers}",
            Label = $"{row.Label}, {layers} layer{(layers == 1 ? "" : "s")}",
            Layers = layers
        };
    }

    private static ComparisonVariant OfLatents(string strategy, int latents)
    {
        var row = Of(strategy);
        return row with { Name = $"{strategy}-{latents}", Label = $"{row.Label}, {latents} latents", Latents = latents };
    }
}
