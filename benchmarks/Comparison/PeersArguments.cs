namespace CrossModal.Benchmarks.Comparison;

/// <summary>What a comparison is asked for.</summary>
/// <param name="Threads">Thread counts.</param>
/// <param name="Groups">Parts to measure.</param>
/// <param name="Cases">Names to measure; all when empty.</param>
/// <param name="Rounds">Rounds.</param>
internal sealed record PeersArguments(IReadOnlyList<int> Threads, IReadOnlyList<string> Groups, IReadOnlyList<string> Cases, int Rounds)
{
    /// <summary>How to ask.</summary>
    public static string Usage { get; } =
        $"  peers [--rounds 9] [--threads 1,2] [--only {string.Join(',', Plan.Groups)}] [--cases a,c,16x512x512,policy]\n"
        + "        [--json FILE] [--chart FILE.svg]\n"
        + "        our engine beside ONNX Runtime, PyTorch and OpenBLAS; with --json a run that was broken off continues";

    /// <summary>File for everything measured, kept after every round; null for none.</summary>
    public string? Json { get; init; }

    /// <summary>File for the chart; null for none.</summary>
    public string? Chart { get; init; }

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static PeersArguments Parse(IReadOnlyList<string> args)
    {
        var read = new PeersArguments(Options.DefaultThreads, Plan.Groups, [], 9);
        foreach (var (name, value) in Options.Pairs(args))
        {
            read = name switch
            {
                "--rounds" => read with { Rounds = Options.Number(name, value, 1, 1000) },
                "--threads" => read with { Threads = Options.Threads(name, value) },
                "--only" => read with { Groups = [.. value.Split(',').Select(Group)] },
                "--cases" => read with { Cases = value.Split(',') },
                "--json" => read with { Json = Options.Writable(name, value) },
                "--chart" => read with { Chart = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        var plan = Plan.Make(read.Groups, read.Cases, read.Threads);
        return plan.Measures.Count + plan.Figures.Count > 0 ? read : throw new UsageException("nothing fits --only and --cases together");
    }

    private static string Group(string name) =>
        Plan.Groups.Contains(name) ? name : throw new UsageException($"--only: '{name}' is not one of {string.Join(", ", Plan.Groups)}");
}
