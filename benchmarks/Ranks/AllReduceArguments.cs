namespace CrossModal.Benchmarks.Ranks;

/// <summary>What a measurement of the exchange of gradients is asked for.</summary>
/// <param name="Ranks">Numbers of ranks.</param>
/// <param name="Seconds">How long each size is repeated.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record AllReduceArguments(IReadOnlyList<int> Ranks, int Seconds, string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  allreduce [--ranks 2,4,8] [--seconds 2] [--json FILE]\n        the exchange of gradients among ranks of Open MPI on this " +
            "machine, " +
            "by memory and by TCP, and a training step beside it";

    /// <summary>Parses what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static AllReduceArguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new AllReduceArguments([2, 4, 8], 2, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            parsed = name switch
            {
                "--ranks" => parsed with { Ranks = Options.Threads(name, value) },
                "--seconds" => parsed with { Seconds = Options.Number(name, value, 1, 60) },
                "--json" => parsed with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return parsed;
    }
}
