namespace CrossModal.Benchmarks.Kernels;

/// <summary>What a measurement of the kernels is asked for.</summary>
/// <param name="Threads">Thread counts to measure, in order.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record KernelsArguments(IReadOnlyList<int> Threads, string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage = "  kernels [--threads 1,2] [--json FILE]\n        kernels beside the multiply-add peak of the same moment";

    /// <summary>Reads what follows the command's name; one thread and as many as there are processors unless given.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static KernelsArguments Parse(IReadOnlyList<string> args)
    {
        var read = new KernelsArguments(Options.DefaultThreads, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            read = name switch
            {
                "--threads" => read with { Threads = Options.Threads(name, value) },
                "--json" => read with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return read;
    }
}
