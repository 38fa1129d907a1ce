using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;

namespace CrossModal.Cli.Comparisons;

/// <summary>What the textbook's table says of a strategy; it names no source.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Success">Success, 0 to 1.</param>
/// <param name="Parameters">Parameters beside those of concatenation; empty for concatenation itself.</param>
/// <param name="ZeroShot">Generalisation to what was not trained on.</param>
internal sealed record Textbook(string Name, double Success, string Parameters, Generalization ZeroShot)
{
    private static readonly Dictionary<string, double> Heads = new() { ["1"] = 0.75, ["4"] = 0.82, ["8"] = 0.85, ["16"] = 0.855 };
    private static readonly Dictionary<string, double> Readings =
        new() { ["means"] = 0.68, ["tokens, pooled"] = 0.68, ["tokens, flattened"] = 0.68 };
    private static readonly Dictionary<string, double> NoSettings = [];

    /// <summary>The table, in its order.</summary>
    public static IReadOnlyList<Textbook> Table { get; } =
    [
        new("Concatenation", 0.68, "", Generalization.Poor),
        new("Cross-Attention, 1 layer", 0.78, "+10 %", Generalization.Medium),
        new("Cross-Attention, 4 layers", 0.85, "+40 %", Generalization.Good),
        new("Co-Attention, 4 layers", 0.88, "+80 %", Generalization.Excellent),
        new("Perceiver", 0.84, "+20 %", Generalization.Excellent),
    ];

    /// <summary>Its success by the settings of an ablation: it has a table for the number of heads, and one number for all readings of
    /// concatenation in which nothing attends.</summary>
    public static IReadOnlyDictionary<string, double> Settings(string ablation) => ablation switch
    {
        "heads" => Heads,
        "readings" => Readings,
        _ => NoSettings,
    };

    /// <summary>What the textbook says of a row, or null: also where the comparison is too short to stand beside it.</summary>
    public static Textbook? Of(Results results, Row row) => new Extent(results).IsPart ? null : Of(row.Configuration);

    /// <summary>What the textbook says of the settings of an ablation; nothing where the comparison is too short to stand beside
    /// it.</summary>
    public static IReadOnlyDictionary<string, double> Of(Results results, string ablation) =>
        new Extent(results).IsPart ? NoSettings : Settings(ablation);

    /// <summary>The row of the table that a configuration stands beside, or null.</summary>
    public static Textbook? Of(CellConfiguration configuration) =>
        (configuration.Policy.Strategy, configuration.Policy.Fusion.Layers) switch
        {
            ("concat-pooled", _) => Table[0],
            ("cross-attention", 1) => Table[1],
            ("cross-attention", 4) => Table[2],
            ("co-attention", 4) => Table[3],
            ("perceiver", _) => Table[4],
            _ => null,
        };
}
