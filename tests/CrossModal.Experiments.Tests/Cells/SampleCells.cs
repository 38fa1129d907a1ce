using CrossModal.Experiments.Cells;
using CrossModal.Fusion;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Tests.Cells;

/// <summary>Configurations small enough to run in a moment, and results made up.</summary>
internal static class SampleCells
{
    private static readonly TabletopRecipe Recipe = new() { Steps = 8, Scenes = 2, Instructions = 2, Tasks = ["pick", "place"] };

    public static CellConfiguration Configuration(string strategy = "cross-attention") => new(
        TabletopLossSource.Describe(strategy, new FusionOptions(8, 2), Recipe), Recipe,
        new EvaluationPlan
        {
            Tests = [new PlannedEvaluation("pick", "S0", PolicyControl.None, 2),
                new PlannedEvaluation("place", "Z1", PolicyControl.NoLanguage, 1)],
            ValidationEpisodes = 2,
            LearningPoints = 2,
            GroundingScenes = 2,
        });

    public static CellResult Result(string strategy = "cross-attention", string key = "0123456789abcdef") => new()
    {
        Key = key,
        Version = "0",
        Configuration = Configuration(strategy),
        Parameters = 10,
        FusionParameters = 4,
        Flops = 1e6,
        FusionFlops = 1e5,
        Losses = new LossCurve([4, 8], [1, 0.5], new Dictionary<string, IReadOnlyList<double?>> { ["move"] = [null, 0.25] }),
        Learning = [new LearningPoint(8, 32, [new ValidationRecord("pick", 2, 1, 2, 1.5), new ValidationRecord("place", 2, 0, 1, 2.5)])],
        Tests = [Test("pick", "S0", [true, false, true, true, false, false, true, true, true])],
        Grounding = [new GroundingRecord("pick", "fusion.layers.0.cross_attn", WordKind.Color, 12, 9, 0.4, 0.05)],
        Timing = new CellTiming("a machine", 12.5, 3.25, 0.8, [12.5]),
    };

    public static TestRecord Test(string task, string split, bool[] succeeded, PolicyControl control = PolicyControl.None) => new()
    {
        Task = task,
        Split = split,
        Control = control,
        Seed = 1,
        Episodes = succeeded.Length,
        Succeeded = EpisodeBits.Encode(succeeded),
        TargetFirst = EpisodeBits.Encode(succeeded),
        Touched = EpisodeBits.Encode([.. succeeded.Select(_ => true)]),
        Pointed = EpisodeBits.Encode(succeeded),
        TargetErrorCentimetres = 1.25,
        FinalDistanceCentimetres = 2.5,
        StepsToSuccess = 18.5,
        Chance = 0.25,
        Failures = new Dictionary<FailureReason, int> { [FailureReason.Timeout] = succeeded.Count(s => !s) },
    };
}
