namespace CrossModal.Benchmarks.Widths;

/// <summary>What a measurement of both widths of vectors is asked for.</summary>
/// <param name="Rounds">Rounds, each of which visits every case in every process.</param>
/// <param name="Only">Beginnings of the names of the cases to measure; all when empty.</param>
/// <param name="Beside">Another build of this program to measure with the widest vectors, or null.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record WidthsArguments(int Rounds, IReadOnlyList<string> Only, string? Beside, string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  widths [--rounds 15] [--only softmax,im2col] [--beside OTHER.dll] [--json FILE]\n        kernels with vectors of 256 and of " +
        "512 bits in turn, one thread; with --beside another build of this program too";

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static WidthsArguments Parse(IReadOnlyList<string> args)
    {
        var read = new WidthsArguments(15, [], null, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            read = name switch
            {
                "--rounds" => read with { Rounds = Options.Number(name, value, 1, 1000) },
                "--only" => read with { Only = value.Split(',') },
                "--beside" when File.Exists(value) => read with { Beside = value },
                "--beside" => throw new UsageException($"--beside: there is no '{value}'"),
                "--json" => read with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return read;
    }
}
