using CrossModal.Attention;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Plans;

/// <summary>The groups that ask how a row is read and why one learns late, what published policies add, and what a row may
/// choose.</summary>
internal static partial class ComparisonGroups
{
    private const string AsInTable = "as in the table";
    private const string FromWords = "started from the words";
    private const string WordsFirst = "words before vision";
    private const int LongWarmUp = 1000;

    /// <summary>Times the usual steps that a row may choose.</summary>
    internal const int LongBudget = 3;

    /// <summary>How the setting of a row with that budget ends.</summary>
    internal const string LongBudgetEnding = ", three times the steps";

    // tanh 0.5 is 0.46: half of what is fetched comes through from the first step.
    private const float OpenGate = 0.5f;

    private static IEnumerable<AblationSetting> Readings() =>
        new[] { ("means", "concat-pooled"), ("tokens, pooled", "concat-side-by-side"), ("tokens, flattened", "concat-flattened"),
            ("tokens, self-attention", "concat-tokens") }
            .Select(reading => new AblationSetting(reading.Item1, ComparisonVariants.Find(reading.Item2)) { IsWhole = true });

    private static IEnumerable<AblationSetting> Latents()
    {
        var usual = ComparisonVariants.Find("perceiver-8");
        yield return new AblationSetting(AsInTable, usual);
        foreach (var (name, rounds) in new[] { ("one round", 1), ("four rounds", 4) })
            yield return new AblationSetting(name, usual with { Layers = rounds });
        yield return new AblationSetting("32 latents", usual with { Latents = 32 });
        yield return With("twice as wide", new LatentOptions { Wider = 2 });
        yield return With("larger first latents", new LatentOptions { Scale = 1 });
        yield return With(FromWords, new LatentOptions { Start = LatentStart.Words });
        yield return With(WordsFirst, new LatentOptions { WordsFirst = true });
        yield return With("read by the mean word", new LatentOptions { Readout = LatentReadout.MeanWord });
        yield return With("read by the words", new LatentOptions { Readout = LatentReadout.Words });
        yield return With("started from and read by the words",
            new LatentOptions { Start = LatentStart.Words, Readout = LatentReadout.Words });

        AblationSetting With(string name, LatentOptions choice) => new(name, usual with { LatentChoice = choice });
    }

    /// <summary>Latents that learn early, with the whole budget.</summary>
    private static IEnumerable<AblationSetting> WholeLatents() =>
        Latents().Where(s => s.Setting is AsInTable or FromWords or WordsFirst).Select(s => s with { IsWhole = true });

    private static IEnumerable<AblationSetting> Gates()
    {
        var (latents, patches) = (ComparisonVariants.Find("flamingo"), ComparisonVariants.Find("gated-cross-attention"));
        yield return new AblationSetting("latents, closed gates", latents);
        yield return new AblationSetting("latents, half-open gates", latents with { InitialGate = OpenGate });
        yield return new AblationSetting("latents, closed gates, longer warm-up", latents) { Change = Warmer };
        yield return new AblationSetting("patches, closed gates", patches);
        yield return new AblationSetting("patches, half-open gates", patches with { InitialGate = OpenGate });
    }

    private static IEnumerable<AblationSetting> Options()
    {
        var usual = ComparisonVariants.Find(ComparisonVariants.Base);
        yield return new AblationSetting("none of them", usual);
        yield return new AblationSetting("rotary positions",
            usual with { Vision = new VisionOptions { Attention = AttentionVariant.Parse("rotary") } });
        foreach (var heads in (int[])[2, 1])
            yield return new AblationSetting($"{heads} of 4 heads of keys", usual with { KeyHeads = heads });
        yield return new AblationSetting("four registers", usual with { Perception = new PerceptionOptions { Registers = 4 } });
        yield return new AblationSetting("state as a token", usual with { Perception = new PerceptionOptions { StateToken = true } });
        yield return new AblationSetting("two past frames", usual with { Perception = new PerceptionOptions { PastFrames = 2 } });
    }

    /// <summary>One thing at a time of the published set, for every row of the textbook's table; what does not concern a row is not among
    /// its choices.</summary>
    private static IEnumerable<AblationSetting> Choices(TabletopRecipe recipe)
    {
        foreach (var row in ComparisonVariants.OfTextbook.Append(ComparisonVariants.Find("flamingo")))
        {
            foreach (var rate in (double[])[recipe.LearningRate / 2, recipe.LearningRate, 2 * recipe.LearningRate])
                yield return Whole(FormattableString.Invariant($"learning rate {rate}"), row, r => r with { LearningRate = rate });
            yield return Whole("longer warm-up", row, Warmer);
            if (row.Strategy is "flamingo") yield return Whole("half-open gates", row with { InitialGate = OpenGate }, r => r);
            if (row.Strategy is "perceiver")
            {
                foreach (var rounds in (int[])[1, 4])
                    yield return Whole($"{rounds} round{(rounds == 1 ? "" : "s")}", row with { Layers = rounds }, r => r);
            }

            yield return Whole(LongBudgetEnding[2..], row, r => r with { Steps = LongBudget * r.Steps });
        }

        static AblationSetting Whole(string choice, ComparisonVariant row, Func<TabletopRecipe, TabletopRecipe> change) =>
            new($"{row.Label}, {choice}", row) { IsWhole = true, Change = change };
    }

    private static TabletopRecipe Warmer(TabletopRecipe recipe) => recipe with { WarmUp = LongWarmUp };
}
