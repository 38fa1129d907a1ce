using CrossModal.Benchmarks.Cases;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>What is measured, by whom, and the ratios that are to be reached.</summary>
/// <param name="Measures">Comparisons.</param>
/// <param name="Figures">Numbers of our engine alone.</param>
internal sealed record Plan(IReadOnlyList<Measure> Measures, IReadOnlyList<Figure> Figures)
{
    /// <summary>Name of our engine.</summary>
    public const string Ours = "ours";

    /// <summary>Name of ONNX Runtime.</summary>
    public const string OnnxRuntime = "ort";

    /// <summary>The parts a plan can be made of.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["layers", "gemm", "net4", "policy", "train", "long", "alloc", "error"];

    private const int LongTokens = 65_536;

    // The graphs and modules that a layer is written as by those who know nothing of absorption.
    private static readonly string[] OrdinaryGraphs = ["plain", "gemm2d", "mha", "attn23"];
    private static readonly string[] PolicyGraphs = ["plain", "mha", "attn23"];
    private static readonly string[] Modules = ["mha", "plain"];

    /// <summary>The plan of some groups, some names and some thread counts.</summary>
    /// <param name="groups">Groups to measure.</param>
    /// <param name="names">Names to measure, such as a or 16x512x512; all when empty.</param>
    /// <param name="threads">Thread counts.</param>
    public static Plan Make(IReadOnlyCollection<string> groups, IReadOnlyCollection<string> names, IReadOnlyList<int> threads)
    {
        bool Wanted(string group, string name) => groups.Contains(group) && (names.Count == 0 || names.Contains(name));
        return new(
            [.. threads.SelectMany(All).Where(m => Wanted(m.Group, m.Name))],
            [.. threads.SelectMany(AllFigures).Where(f => Wanted(f.Group, f.Case[(f.Case.LastIndexOf(':') + 1)..]))]);
    }

    private static IEnumerable<Measure> All(int threads) =>
    [
        .. LayerShape.Layers.Select(l => Layer(l, threads)),
        .. LayerShape.Networks.Select(l => Network(l, threads)),
        .. ProductSize.All.Select(p => Product(p, threads)),
        Policy(threads), Training(threads), Long(threads),
    ];

    private static Measure Layer(LayerShape shape, int threads)
    {
        var name = shape.Name;
        var (auto, cached, absorbed) = name switch
        {
            "a" => (2.2, 2.7, 1.15),
            "b" => (2.8, 3.2, 1.2),
            "c" => (4.3, 4.6, 1.05),
            "d" => (1.7, 1.8, 1.1),
            "e" => (2.6, 3.0, 1.2),
            _ => (1.1, 1.3, 1.2),
        };
        return new("layers", name, threads, $"layer {name}: {shape.Sizes}",
            [
                .. new[] { "auto", "cached", "abs", "ord" }.Select(kind => new Entry(Ours, $"{kind}:{name}", Role.Ours)),
                .. Peers(name, "absorb"),
            ],
            [
                new($"{Ours}/auto:{name}", Against.BestOrdinary, auto), new($"{Ours}/cached:{name}", Against.BestOrdinary, cached),
                new($"{Ours}/abs:{name}", Against.BestAbsorbed, absorbed), new($"{Ours}/ord:{name}", Against.BestOrdinary, null),
            ]);
    }

    private static Measure Network(LayerShape shape, int threads)
    {
        var ours = new Entry(Ours, $"net4:{shape.Name}", Role.Ours);
        return new("net4", shape.Name, threads, $"four blocks with feed-forward: {shape.Sizes}",
            [ours, .. Peers("net4_" + shape.Name, "absorb")],
            [new(ours.Key, Against.BestOrdinary, 2.5), new(ours.Key, Against.BestAbsorbed, null)]);
    }

    private static IEnumerable<Entry> Peers(string name, string absorbed) =>
    [
        .. OrdinaryGraphs.Select(kind => new Entry(OnnxRuntime, $"{kind}:{name}", Role.Ordinary)), new(OnnxRuntime, $"{absorbed}:{name}",
            Role.Absorbed),
        .. Modules.Select(kind => new Entry("torch", $"{kind}:{name}", Role.Ordinary)),
    ];

    private static Measure Product(ProductSize size, int threads)
    {
        var name = size.Name;
        var one = size.Batch == 1;
        var (ours, blas) = (new Entry(Ours, $"gemm:{name}", Role.Ours), new Entry("openblas", $"gemm:{name}", Role.Ordinary));
        var entries = new List<Entry> { ours, blas, new("torch", $"gemm:{name}", Role.Ordinary), new(OnnxRuntime, $"gemm:{name}",
            Role.Ordinary) };
        var goals = new List<Goal> { new(ours.Key, Against.BestOrdinary, 1) };
        if (one) entries.InsertRange(1, [new(Ours, $"gemmdyn:{name}", Role.Ours), new(OnnxRuntime, $"gemmdyn:{name}", Role.Ordinary)]);
        if (size.M == 16) goals.Add(new(ours.Key, Against.Named, 1.5) { Named = blas.Key });
        goals.Add(new(ours.Key, Against.Peak, size is { M: 1024, N: 1024, K: 1024 } && threads == 1 ? 0.88 : null));
        return new("gemm", name, threads, $"matrix product {name}", entries, goals) { Flops = size.Flops };
    }

    private static Measure Policy(int threads)
    {
        const string name = "cross-attention";
        var ours = new Entry(Ours, $"policy:{name}", Role.Ours);
        return new("policy", name, threads, "a whole policy from planes to action, instruction set once",
            [ours, .. PolicyGraphs.Select(kind => new Entry(OnnxRuntime, $"policy-{kind}:{name}", Role.Ordinary))], [new(ours.Key,
                Against.BestOrdinary, 2)]);
    }

    private static Measure Training(int threads)
    {
        var ours = new Entry(Ours, "train:policy", Role.Ours);
        return new("train", "policy", threads, "training step of a small policy, 64 samples",
            [ours, new("torch", ours.Case, Role.Ordinary), new("torchomp", ours.Case, Role.Ordinary)], [new(ours.Key,
                Against.BestOrdinary, 3)]);
    }

    private static Measure Long(int threads)
    {
        var (few, many) = (new Entry(Ours, $"long:{LongInput.Drawn}", Role.Ours), new Entry(Ours, $"long:{LongTokens}", Role.Ours));
        return new("long", "tokens", threads,
            $"one layer over {LongTokens} visual tokens, its time a token against {LongInput.Drawn} tokens", [many, few],
            [new(many.Key, Against.Named, 1 / 1.3) { Named = few.Key, Scale = LongTokens / (double)LongInput.Drawn }]);
    }

    private static IEnumerable<Figure> AllFigures(int threads) =>
    [
        new("long", $"memory:{LongTokens}", threads, $"memory beyond inputs and weights, {LongTokens} visual tokens", "MB", 1.0 / (1 << 20),
            32),
        .. LayerShape.Layers.Select(l => new Figure("error", $"error:auto:{l.Name}", threads,
            $"largest error of layer {l.Name} against float64", "", ErrorCase.Unit, 3e-6)),
        .. LayerShape.Layers.Select(l => new Figure("error", $"error:ord:{l.Name}", threads, $"the same, ordinary path of {l.Name}", "",
            ErrorCase.Unit, 3e-6)),
        .. LayerShape.Layers.Select(l => new Figure("alloc", $"alloc:auto:{l.Name}", threads, $"managed bytes a frame, layer {l.Name}",
            "bytes", 1, 0)),
        .. LayerShape.Networks.Select(l => new Figure("alloc", $"alloc:net4:{l.Name}", threads,
            $"managed bytes a frame, four blocks of {l.Name}", "bytes", 1, 0)),
        new("alloc", "alloc:train:policy", threads, "managed bytes a training step", "bytes", 1, 1024),
    ];
}
