using CrossModal.Attention;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Experiments.Plans;

/// <summary>One setting of an ablation: a row, perhaps with another recipe or budget.</summary>
/// <param name="Setting">What was changed, for readers: <c>8</c>, <c>none</c>.</param>
/// <param name="Variant">The row.</param>
internal sealed record AblationSetting(string Setting, ComparisonVariant Variant)
{
    /// <summary>Whether it is trained and tested as the strategies are, and not with the ablations' part of that.</summary>
    public bool IsWhole { get; init; }

    /// <summary>What is changed about the recipe.</summary>
    public Func<TabletopRecipe, TabletopRecipe> Change { get; init; } = recipe => recipe;

    /// <summary>How the policy is pre-trained; its seed is set by the plan.</summary>
    public PretrainingRecipe? Pretraining { get; init; }

    /// <summary>What it learns from the best strategy; null for a policy without a teacher.</summary>
    public DistillationOptions? Distillation { get; init; }

    /// <summary>Share of the ablations' budget, or of the whole where it is trained with that.</summary>
    public double Share { get; init; } = 1;
}

/// <summary>The ablations: what each changes about one strategy while everything else stays.</summary>
internal static partial class ComparisonGroups
{
    /// <summary>The group of the strategies: the table itself.</summary>
    public const string Strategies = "strategies";

    /// <summary>The group of students with and without a teacher.</summary>
    public const string Distillation = "distillation";

    /// <summary>The group in which every row has what it chose.</summary>
    public const string Chosen = "chosen";

    private const string DistillationTerms = "teaching";

    private static readonly Dictionary<string, (string Summary, Func<TabletopRecipe, IEnumerable<AblationSetting>> Settings)> Registry =
        new()
        {
            ["heads"] = ("number of heads: 1, 2, 4, 8, 16", _ => Each([1, 2, 4, 8, 16], (v, heads) => v with { Heads = heads })),
            ["depth"] = ("number of layers: 1, 2, 4, 6", _ => Each([1, 2, 4, 6], (v, layers) => v with { Layers = layers })),
            ["visual-tokens"] = ("64 visual tokens, and 16 or 4 by average pooling or learned downsampling", _ => TokenCounts()),
            ["token-reduction"] = ("64 visual tokens, and 16 by every way to make them fewer", _ => TokenReductions()),
            ["attention"] = ("attention of words to vision: full, and every variant", _ => Attention()),
            ["positions"] = ("positions of visual tokens: rows and columns, one number, none", _ => Positions()),
            ["direction"] = ("attention from words to vision, from vision to words, both", _ => Direction()),
            ["word-self-attention"] = ("self-attention of words before fusion, within, both, never", _ => WordSelfAttention()),
            ["senses"] = ("trained with words and picture, without words, without picture", _ => Senses()),
            ["learning-rate"] = (
            "the textbook's rows with the usual learning rate and with twice that, trained and tested as the strategies are", LearningRate),
            ["longer"] = ("the Perceivers with the whole budget and with twice that, trained and tested as the strategies are", Longer),
            ["readings"] = ("the textbook's concatenation in its readings, trained and tested as the strategies are", _ => Readings()),
            ["latents"] = ("why latents learn late: eight latents of a Perceiver with one thing changed at a time", _ => Latents()),
            ["latents-whole"] = ("a Perceiver as in the table and with its words before vision, trained and tested as the strategies are",
                _ => WholeLatents()),
            ["gates"] = ("why gated latents do not learn: Flamingo with its gates, its warm-up and its latents changed", _ => Gates()),
            ["options"] = ("what published policies add: rotary positions, shared keys, registers, the state as a token", _ => Options()),
            ["choice"] = ("what any row may choose among: three learning rates, a longer warm-up, open gates, rounds, three times the " +
                "steps",
                Choices),
            [Chosen] = ("every row as usual, with what it chose of these on validation layouts, and with that three times the steps",
                Choices),
            ["recipe"] = ("each lever of the recipe off in turn", Recipe),
            ["recipe-whole"] = ("the same, trained and tested as the strategies are", recipe =>
                Recipe(recipe).Select(s => s with { IsWhole = true })),
            ["data"] = ("success against samples, each number a run of its own", _ => Data()),
            ["pretraining"] = ("success against samples, with and without captions before", Pretraining),
            [DistillationTerms] =
            ("what a small student learns from the best strategy: nothing, its actions, its features, its attention weights, all", _ =>
            Distilled()),
        };

    /// <summary>Names of the ablations.</summary>
    public static IReadOnlyList<string> Ablations { get; } = [.. Registry.Keys];

    /// <summary>What an ablation changes, in a line.</summary>
    /// <exception cref="ArgumentException">There is no such ablation; the message lists those there are.</exception>
    public static string Summary(string ablation) => Find(ablation).Summary;

    /// <summary>Whether an ablation cannot begin before the strategies are finished, because the best of them is the teacher.</summary>
    public static bool NeedsTeacher(string ablation) => ablation == DistillationTerms;

    /// <summary>Whether an ablation is trained with as many seeds as the strategies: the textbook has numbers beside it, or it
    /// explains a row of the table.</summary>
    public static bool IsRepeated(string ablation) => ablation is "heads" or "latents-whole";

    /// <summary>The row about which an ablation changes something.</summary>
    internal static ComparisonVariant Basis(string ablation) =>
        ablation == DistillationTerms ? ComparisonVariants.Student : ComparisonVariants.Find(ComparisonVariants.Base);

    /// <summary>The settings of an ablation, for a recipe.</summary>
    internal static IReadOnlyList<AblationSetting> Settings(string ablation, TabletopRecipe recipe) => [.. Find(ablation).Settings(recipe)];

    private static (string Summary, Func<TabletopRecipe, IEnumerable<AblationSetting>> Settings) Find(string ablation) =>
        Registry.TryGetValue(ablation, out var found) ? found
        : throw new ArgumentException($"compare: there is no ablation '{ablation}'; there are {string.Join(", ", Ablations)}",
            nameof(ablation));

    private static IEnumerable<AblationSetting> Each(int[] values, Func<ComparisonVariant, int, ComparisonVariant> change) =>
        values.Select(value => new AblationSetting($"{value}", change(ComparisonVariants.Find(ComparisonVariants.Base), value)));

    private static IEnumerable<AblationSetting> TokenCounts()
    {
        var whole = ComparisonVariants.Find(ComparisonVariants.Base);
        yield return new AblationSetting("64", whole);
        foreach (var (method, name) in new[] { (TokenReduction.Pool, "pooled"), (TokenReduction.Conv, "learned") })
        {
            foreach (var count in (int[])[16, 4])
                yield return new AblationSetting($"{count} {name}",
                    whole with { Vision = new VisionOptions { Tokens = new VisualTokens(method, count) } });
        }
    }

    private static IEnumerable<AblationSetting> TokenReductions()
    {
        var whole = ComparisonVariants.Find(ComparisonVariants.Base);
        return VisualTokens.Names.Select(name =>
            new AblationSetting($"16 {name}", whole with { Vision = new VisionOptions { Tokens = VisualTokens.Parse($"{name}:16") } }))
            .Prepend(new AblationSetting("64", whole));
    }

    private static IEnumerable<AblationSetting> Attention()
    {
        var full = ComparisonVariants.Find(ComparisonVariants.Base);
        return AttentionVariant.Names.Select(name =>
            new AblationSetting(name, full with { Vision = new VisionOptions { Attention = AttentionVariant.Parse(name) } }))
            .Prepend(new AblationSetting("full", full));
    }

    private static IEnumerable<AblationSetting> Positions()
    {
        var usual = ComparisonVariants.Find(ComparisonVariants.Base);
        return new[] { (VisualPositions.Grid, "2-D"), (VisualPositions.Line, "1-D"), (VisualPositions.None, "none") }
            .Select(p => new AblationSetting(p.Item2, usual with { Perception = new PerceptionOptions { Positions = p.Item1 } }));
    }

    private static IEnumerable<AblationSetting> Direction()
    {
        // None of the three has attention between words or between patches: the direction is the only difference.
        var usual = ComparisonVariants.Find(ComparisonVariants.Base);
        yield return new AblationSetting("language to vision", usual with { Strategy = "cross-attention-words-apart" });
        yield return new AblationSetting("vision to language", usual with { Strategy = "cross-attention-reversed" });
        yield return new AblationSetting("both", usual with { Strategy = "co-attention" });
    }

    private static IEnumerable<AblationSetting> WordSelfAttention()
    {
        var usual = ComparisonVariants.Find(ComparisonVariants.Base);
        var never = new PerceptionOptions { WordLayers = 0 };
        yield return new AblationSetting("before and within", usual);
        yield return new AblationSetting("before", usual with { Strategy = "cross-attention-words-apart" });
        yield return new AblationSetting("within", usual with { Perception = never });
        yield return new AblationSetting("never", usual with { Strategy = "cross-attention-words-apart", Perception = never });
    }

    private static IEnumerable<AblationSetting> Senses() =>
        new[] { (PolicyControl.None, "words and picture"), (PolicyControl.NoLanguage, "no words"), (PolicyControl.NoVision, "no picture") }
            .Select(s => new AblationSetting(s.Item2, ComparisonVariants.Find(ComparisonVariants.Base))
            {
                Change = r =>
                r with { Control = s.Item1 }
            });

    private static IEnumerable<AblationSetting> Data() =>
        new[] { 0.0625, 0.125, 0.25, 0.5, 1 }.Select(share =>
            new AblationSetting(FormattableString.Invariant($"{100 * share:0.##} %"),
            ComparisonVariants.Find(ComparisonVariants.Base))
            { Share = share });

    private static IEnumerable<AblationSetting> Pretraining(TabletopRecipe recipe)
    {
        // As many steps on captions as a learning rate is tried with: they are trained on once, whatever follows.
        var captions = new PretrainingRecipe { Steps = Math.Max(1, recipe.Steps / 4) };
        return Data().SelectMany(data => new[] { data with { Setting = $"{data.Setting} alone" },
            data with { Setting = $"{data.Setting} after captions", Pretraining = captions } });
    }

    private static IEnumerable<AblationSetting> LearningRate(TabletopRecipe recipe) =>
        from row in ComparisonVariants.OfTextbook
        from rate in (double[])[recipe.LearningRate, 2 * recipe.LearningRate]
        select new AblationSetting(FormattableString.Invariant($"{row.Label}, {rate}"), row)
        {
            IsWhole = true,
            Change = r =>
            r with { LearningRate = rate }
        };

    private static IEnumerable<AblationSetting> Longer(TabletopRecipe recipe) =>
        from row in ComparisonVariants.OfTextbook.Where(row => row.Strategy == "perceiver")
        from share in (int[])[1, 2]
        select new AblationSetting(FormattableString.Invariant($"{row.Label}, {share * recipe.Steps} steps"), row)
        {
            IsWhole = true,
            Share = share
        };

    private static IEnumerable<AblationSetting> Recipe(TabletopRecipe recipe)
    {
        var (usual, levers) = (ComparisonVariants.Find(ComparisonVariants.Base), recipe.Levers);
        yield return new AblationSetting("whole recipe", usual);
        yield return Without("a second point", levers with { Points = 1 });
        yield return Without("cues of patches", levers with { CueWeight = 0 });
        yield return Without("partial names", levers with { PartialNames = 0 });
        yield return Without("unnamed colours", levers with { UnnamedColors = 0 });
        yield return Without("shape lessons", levers with { ShapeLessons = 0 });

        AblationSetting Without(string name, RecipeLevers rest) => new($"without {name}", usual) { Change = r => r with { Levers = rest } };
    }

    private static IEnumerable<AblationSetting> Distilled()
    {
        // Each term with the weight it has beside the others.
        var (student, all) = (ComparisonVariants.Student, new DistillationOptions());
        yield return new AblationSetting("nothing", student);
        foreach (var (name, terms) in new[]
                 {
                     ("actions", all with { Feature = 0, Attention = 0 }), ("features", all with { Action = 0, Attention = 0 }),
                     ("attention weights", all with { Action = 0, Feature = 0 }), ("all three", all),
                 })
            yield return new AblationSetting(name, student) { Distillation = terms };
    }
}
