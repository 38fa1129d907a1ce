using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Comparisons;

/// <summary>A comparison with made-up outcomes: every group, role and record that a real one has, small.</summary>
internal static class SampleComparison
{
    public const string UnfinishedCell = "co-attention ×4, seed 2";
    private const int Episodes = 60;

    private static readonly string[] Tasks = ["pick", "place", "push", "relational"];
    private static readonly string[] Splits = ["S0", "Z1", "Z2a", "Z2b", "Z3", "Z4", "Z5"];
    private static readonly ulong[] Seeds = [0, 1, 2];

    // Strategy, layers, label, chance of success on new layouts and on unseen pairs: the Perceiver is still on its plateau.
    private static readonly (string Strategy, int Layers, string Label, double Skill, double Unseen)[] Variants =
    [
        ("concat-pooled", 1, "concatenation, pooled", 0.12, 0.05), ("concat-tokens", 2, "concatenation, tokens", 0.83, 0.4),
        ("cross-attention", 1, "cross-attention ×1", 0.86, 0.5), ("cross-attention", 2, "cross-attention ×2", 0.91, 0.6),
            ("cross-attention", 4, "cross-attention ×4", 0.96, 0.72),
        ("co-attention", 1, "co-attention ×1", 0.84, 0.45), ("co-attention", 4, "co-attention ×4", 0.95, 0.75),
            ("perceiver", 2, "Perceiver, 8 latents", 0.02, 0.01),
        ("textbook-network", 4, "the textbook's network", 0.5, 0.22),
    ];

    public static ComparisonResults Build(bool complete = false)
    {
        var cells = new List<ComparedCell>();
        foreach (var (strategy, layers, label, skill, unseen) in Variants)
        {
            var variant = $"{strategy}-{layers}";
            foreach (var rate in new[] { 1e-3, 2e-3 })
                cells.Add(Cell("strategies", variant, label, CellRole.Sweep, "", Configuration(strategy, layers, 0, rate, 2000),
                    skill * rate / 2e-3 * 0.5, unseen));
            foreach (var steps in new[] { 2000, 4000 })
                cells.Add(Cell("strategies", variant, label, CellRole.Budget, "", Configuration(strategy, layers, 0, 2e-3, steps),
                    skill * steps / 8000, unseen));
            foreach (var seed in Seeds.Where(s => complete || label != "co-attention ×4" || s < 2))
                cells.Add(Cell("strategies", variant, label, CellRole.Final, "", Configuration(strategy, layers, seed, 2e-3), skill,
                    unseen));
        }

        foreach (var heads in new[] { 1, 2, 4, 8, 16 })
            cells.Add(Cell("heads", "cross-attention-4", "cross-attention ×4", CellRole.Final, $"{heads}",
                Configuration("cross-attention", 4, 0, 2e-3, heads: heads), 0.97 - 0.1 / heads, 0.7));
        foreach (var steps in new[] { 1000, 4000, 16000 })
            cells.Add(Cell("data", "cross-attention-4", "cross-attention ×4", CellRole.Final, $"{steps} steps",
                Configuration("cross-attention", 4, 0, 2e-3, steps), 0.97 - 300.0 / steps, 0.75 - 500.0 / steps));
        var taught = Configuration("cross-attention", 1, 1,
            2e-3) with
        { Teacher = new CellTeacher("0123456789abcdef", new DistillationOptions()) };
        cells.Add(Cell("distillation", "teacher", "the teacher", CellRole.Final, "", Configuration("cross-attention", 4, 1, 2e-3), 0.97,
            0.8));
        cells.Add(Cell("distillation", "student", "student", CellRole.Final, "without a teacher",
            Configuration("cross-attention", 1, 1, 2e-3), 0.7, 0.4));
        cells.Add(Cell("distillation", "student-taught", "student, taught", CellRole.Final, "with a teacher", taught, 0.82, 0.5));
        return new ComparisonResults
        {
            Version = "0.1.0",
            Command = "crossmodal compare --full --out runs/full",
            Protocol = "full",
            Machine = "2 cores, 256-bit vectors (AVX2), .NET 10.0.9, linux-x64",
            Seeds = Seeds,
            CellSeconds = 40_000,
            WallSeconds = 21_000,
            Missing = complete ? [] : [UnfinishedCell],
            Speeds = [.. Variants.Take(7).Select((v, i) => new SpeedRecord($"{v.Strategy}-{v.Layers}", 1.2 + 0.4 * i, 1.1 + 0.4 * i,
                1.4 + 0.4 * i))],
            Cells = cells,
        };
    }

    /// <summary>Two films of a cell: one that succeeded and whose maps are judged, one that did not and whose maps are not.</summary>
    public static CellFilms Films(string key) =>
        new(key, [.. new[] { FailureReason.None, FailureReason.WrongObjectLifted }.Select((failure, i) =>
        new Film("pick", "S0", i, ["pick", "up", "the", "red", "cup"], failure,
            [.. Enumerable.Range(0, 6).Select(s => Frame(4 * s) with
            {
                Verdicts = i > 0 ? null : [.. Enumerable.Range(0, 5).Select(w => new FilmVerdict(0.1 * (w + s), 0.5))],
            })]) { Layer = "fusion.layers.3.cross_attn", Rows = 8, Columns = 8 })]);

    private static CellConfiguration Configuration(string strategy, int layers, ulong seed, double rate, int steps = 8000, int heads = 4) =>
        new(
        new PolicyOptions(strategy, new FusionOptions(64, heads, layers), 40, 4) { Head = new HeadOptions(2), Proprioception = 5 },
        new TabletopRecipe { Tasks = Tasks, Seed = seed, LearningRate = rate, Steps = steps },
        new EvaluationPlan
        {
            Tests = [.. from task in Tasks from split in Splits select new PlannedEvaluation(task, split,
            PolicyControl.None, Episodes)]
        });

    private static ComparedCell Cell(string group, string variant, string label, CellRole role, string setting,
        CellConfiguration configuration, double skill, double unseen)
    {
        var seed = configuration.Recipe.Seed;
        var random = new Random(HashCode(variant + setting + role) + (int)seed);
        skill = Math.Clamp(skill + 0.02 * ((int)seed - 1), 0, 1);
        var attends = !configuration.Policy.Strategy.StartsWith("concat-pooled", StringComparison.Ordinal);
        var tests = role == CellRole.Sweep ? []
            : Splits.SelectMany((split, s) => Tasks.Select((task, t) =>
            Test(task, split, PolicyControl.None, (s == 0 ? skill : unseen + (s - 1) * (skill - unseen) / 8) * (1 - 0.05 * t), random)))
            .Concat(from control in Enum.GetValues<PolicyControl>()
                    where control != PolicyControl.None
                    from task in Tasks
                    select Test(task,
                "S0", control, control == PolicyControl.NoVision ? 0 : skill * 0.25, random));
        var samples = configuration.Samples;
        return new ComparedCell(new CellPlace(group, variant, label, role, setting), new CellResult
        {
            Key = $"{HashCode(group + variant + setting + role + configuration.Recipe.LearningRate):x8}{seed:x8}",
            Version = "0.1.0",
            Configuration = configuration,
            Parameters = 150_000 + 24_000 * configuration.Policy.Fusion.Layers,
            FusionParameters = 24_000 * configuration.Policy.Fusion.Layers,
            Flops = 6e6 + 2.2e6 * configuration.Policy.Fusion.Layers,
            FusionFlops = 2.2e6 * configuration.Policy.Fusion.Layers,
            Losses = new LossCurve([100, 200], [1.5, 0.7], new Dictionary<string, IReadOnlyList<double?>>()),
            Learning = [.. Enumerable.Range(1, 5).Select(p => new LearningPoint(configuration.Recipe.Steps * p / 5, samples * p / 5,
                [.. Tasks.Select(task => new ValidationRecord(task, 25, (int)Math.Round(25 * skill * (1 - Math.Exp(-p))), 20, 2.5 / p))]))],
            Tests = [.. tests],
            Grounding = !attends ? [] : [.. from layer in Enumerable.Range(0, configuration.Policy.Fusion.Layers)
                from kind in new[] { WordKind.Verb, WordKind.Color, WordKind.Shape }
                select new GroundingRecord("pick", $"fusion.layers.{layer}.cross_attn", kind, 100, 60,
                    0.02 * (1 + layer * (int)kind + (layer == 2 ? 14 : 0)), 0.03)],
            Timing = new CellTiming("2 cores", 150 + 60 * configuration.Policy.Fusion.Layers, 70, 2.5,
                [.. Enumerable.Range(1, 5).Select(p => (150.0 + 60 * configuration.Policy.Fusion.Layers) * p / 5)]),
        });
    }

    private static TestRecord Test(string task, string split, PolicyControl control, double skill, Random random)
    {
        var won = Enumerable.Range(0, Episodes).Select(_ => random.NextDouble() < skill).ToList();
        var touched = won.ConvertAll(w => w || random.NextDouble() < 0.7);
        var first = won.Zip(touched, (w, t) => w || (t && random.NextDouble() < 0.3)).ToList();
        var lost = won.Count(w => !w);
        return new TestRecord
        {
            Task = task,
            Split = split,
            Control = control,
            Seed = 1,
            Episodes = Episodes,
            Succeeded = EpisodeBits.Encode(won),
            TargetFirst = EpisodeBits.Encode(first),
            Touched = EpisodeBits.Encode(touched),
            Pointed = EpisodeBits.Encode(first),
            Chance = control == PolicyControl.NoVision ? 1 : 0.2,
            Changed = control == PolicyControl.OtherInstruction ? skill : null,
            TargetErrorCentimetres = 1.5,
            FinalDistanceCentimetres = 2.5,
            StepsToSuccess = lost == Episodes ? null : 21.5,
            Failures = new Dictionary<FailureReason, int>
            {
                [FailureReason.Timeout] = lost / 2,
                [FailureReason.MovedOtherObject] = lost / 4,
                [FailureReason.WrongObjectLifted] = lost - lost / 2 - lost / 4
            },
        };
    }

    private static FilmFrame Frame(int step)
    {
        var photo = new RgbImage(64, 64);
        photo.Fill(new Rgb(186, 164, 138));
        Drawing.Rectangle(photo, 12, 20, 10, 10, new Rgb(205, 48, 42));
        Drawing.Rectangle(photo, 2 + step, 4 + step, 6, 12, new Rgb(50, 52, 58));
        using var png = new MemoryStream();
        Png.Write(png, photo);
        return new FilmFrame(step, png.ToArray(),
            [.. Enumerable.Range(0, 5).Select(w => (byte[])[.. Enumerable.Range(0, 64).Select(i => (byte)(i == 17 + w ? 255 : 4))])], 0.4);
    }

    // The same on every machine and in every run, unlike string.GetHashCode.
    private static int HashCode(string text) => text.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)) & 0x7fffffff;
}
