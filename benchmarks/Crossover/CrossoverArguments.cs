namespace CrossModal.Benchmarks.Crossover;

/// <summary>What a measurement of the crossover is asked for.</summary>
/// <param name="Visuals">Numbers of visual tokens.</param>
/// <param name="Threads">Threads of a frame.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record CrossoverArguments(IReadOnlyList<int> Visuals, int Threads, string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  crossover [--visuals 64,196,1024] [--threads 1] [--json FILE]\n        up to how many words absorbing projections pays: " +
            "predicted and measured";

    private const int MostVisuals = 65_536;

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static CrossoverArguments Parse(IReadOnlyList<string> args)
    {
        var read = new CrossoverArguments([64, 196, 1024], 1, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            read = name switch
            {
                "--visuals" => read with
                {
                    Visuals = [.. value.Split(',').Select(v => Options.Number(name, v, 1, MostVisuals))
                    .Distinct()]
                },
                "--threads" => read with { Threads = Options.Number(name, value, 1, 1024) },
                "--json" => read with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return read;
    }
}
