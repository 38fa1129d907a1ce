namespace CrossModal.Benchmarks.Serving;

/// <summary>What a measurement of the policy server is asked for.</summary>
/// <param name="Clients">Clients of the steady load.</param>
/// <param name="Rate">Observations of each of them in a second.</param>
/// <param name="Seconds">How long the steady load lasts; 0 leaves it out.</param>
/// <param name="Curve">Numbers of clients that send without a pause, with batches and one by one; none leaves it out.</param>
/// <param name="CurveSeconds">How long each of those lasts.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record ServingArguments(int Clients, int Rate, int Seconds, IReadOnlyList<int> Curve, int CurveSeconds, string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  serving [--clients 64] [--rate 10] [--seconds 600] [--curve 1,2,4,8,16,32,64|none] [--curve-seconds 5] [--json FILE]\n        " +
            "a policy server in a process of its own: latency under a steady load, and throughput with batches against one by one";

    /// <summary>Parses what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static ServingArguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new ServingArguments(64, 10, 600, [1, 2, 4, 8, 16, 32, 64], 5, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            parsed = name switch
            {
                "--clients" => parsed with { Clients = Options.Number(name, value, 1, 1024) },
                "--rate" => parsed with { Rate = Options.Number(name, value, 1, 1000) },
                "--seconds" => parsed with { Seconds = Options.Number(name, value, 0, 86_400) },
                "--curve" => parsed with { Curve = value == "none" ? [] : Options.Threads(name, value) },
                "--curve-seconds" => parsed with { CurveSeconds = Options.Number(name, value, 1, 600) },
                "--json" => parsed with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return parsed;
    }
}
