using CrossModal.Fusion;

namespace CrossModal.Tabletop.Comparison;

/// <summary>Which configurations of which strategies a comparison shows. A strategy that is not in the table appears once, with two layers.</summary>
public static class ComparisonVariants
{
    /// <summary>The best known row, on which ablations change one thing at a time.</summary>
    public const string Base = "cross-attention-4";

    /// <summary>The strategies of the textbook's table, in its order.</summary>
    private static readonly ComparisonVariant[] Textbook =
    [
        new("concat-pooled", "Concatenation, mean-pooled", "concat-pooled"),
        new("concat-tokens", "Concatenation of tokens", "concat-tokens"),
        new("cross-attention-1", "Cross-Attention, 1 layer", "cross-attention") { Layers = 1 },
        new("cross-attention-2", "Cross-Attention, 2 layers", "cross-attention"),
        new(Base, "Cross-Attention, 4 layers", "cross-attention") { Layers = 4 },
        new("co-attention-1", "Co-Attention, 1 layer", "co-attention") { Layers = 1 },
        new("co-attention-4", "Co-Attention, 4 layers", "co-attention") { Layers = 4 },
        new("perceiver-8", "Perceiver, 8 latents", "perceiver") { Latents = 8 },
        new("perceiver-32", "Perceiver, 32 latents", "perceiver") { Latents = 32 },
        new("textbook-block", "The textbook's block, to the letter", "textbook-network") { Layers = 1 },
        new("textbook-network", "The textbook's network, to the letter", "textbook-network") { Layers = 4 },
        new("multi-view-mean", "Two views, averaged", "multi-view-mean") { Views = 2 },
        new("multi-view-joint", "Two views, jointly", "multi-view-joint") { Views = 2 },
    ];

    /// <summary>Further cameras for strategies that are made for several.</summary>
    private static readonly Dictionary<string, int> Views = new() { ["multi-view-separate"] = 2, ["multi-view-learned"] = 2 };

    /// <summary>What readers see instead of a strategy's name; families as their authors spell them.</summary>
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["cross-attention-post-norm"] = "Cross-Attention, normalised after", ["cross-attention-words-apart"] = "Cross-Attention, words apart",
        ["cross-attention-single"] = "One cross-attention, no feed-forward", ["cross-attention-reversed"] = "Cross-Attention, vision to language",
        ["perceiver-io"] = "Perceiver IO", ["lava"] = "LAVA", ["clip"] = "CLIP", ["blip"] = "BLIP", ["q-former"] = "Q-Former", ["vilt"] = "ViLT", ["lxmert"] = "LXMERT", ["vilbert"] = "ViLBERT",
        ["concat-fusion"] = "Means, joined and projected", ["attention-fusion"] = "Means, weighed by attention", ["deepset-fusion"] = "Means, as a set",
        ["multi-view-separate"] = "Two views, averaged, weights apart", ["multi-view-learned"] = "Two views, weighed by learning",
        ["downsample-pool"] = "A quarter of the tokens, pooled", ["downsample-conv"] = "A quarter of the tokens, convolved",
        ["textbook-co-attention"] = "The textbook's co-attention, to the letter", ["textbook-perceiver"] = "The textbook's Perceiver, to the letter",
    };

    /// <summary>The student of distillation: as small as a strategy with attention gets. No row of the table.</summary>
    public static ComparisonVariant Student { get; } = new("student", "Student: 1 layer, 16 visual tokens", "cross-attention")
    {
        Layers = 1, Vision = new VisionOptions { Tokens = new VisualTokens(TokenReduction.Pool, 16) },
    };

    /// <summary>The strategies of the textbook's table.</summary>
    public static IReadOnlyList<ComparisonVariant> OfTextbook => Textbook;

    /// <summary>Every other strategy the library has, found through the factory.</summary>
    public static IReadOnlyList<ComparisonVariant> Further { get; } =
    [
        .. FusionStrategies.Names.Where(name => Textbook.All(v => v.Strategy != name))
            .Select(name => new ComparisonVariant(name, Label(name), name) { Views = Views.GetValueOrDefault(name, 1) }),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ComparisonVariant> All { get; } = [.. Textbook, .. Further];

    /// <summary>Finds a row by name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static ComparisonVariant Find(string name) => All.FirstOrDefault(v => v.Name == name)
        ?? throw new ArgumentException($"compare: there is no variant '{name}'; there are {string.Join(", ", All.Select(v => v.Name))}", nameof(name));

    private static string Label(string name)
    {
        if (Labels.TryGetValue(name, out var label)) return label;
        var words = name.Replace('-', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}
