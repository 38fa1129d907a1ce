namespace CrossModal.Benchmarks.Variants;

/// <summary>What a measurement of attention variants is asked for.</summary>
/// <param name="Visuals">Numbers of visual tokens, squares.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record VariantsArguments(IReadOnlyList<int> Visuals, int Threads, string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  variants [--visuals 64,256,1024,4096,16384,65536] [--threads 1] [--json FILE]\n        from how many visual tokens each " +
            "attention variant pays against full attention";

    private const int MostVisuals = 65_536;

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static VariantsArguments Parse(IReadOnlyList<string> args)
    {
        var read = new VariantsArguments([64, 256, 1024, 4096, 16_384, 65_536], 1, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            read = name switch
            {
                "--visuals" => read with { Visuals = [.. value.Split(',').Select(v => Square(name, v)).Distinct().Order()] },
                "--threads" => read with { Threads = Options.Number(name, value, 1, 1024) },
                "--json" => read with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return read;
    }

    private static int Square(string name, string text)
    {
        var number = Options.Number(name, text, 1, MostVisuals);
        var side = (int)Math.Round(Math.Sqrt(number));
        return side * side == number ? number : throw new UsageException($"{name}: '{text}' is not a square: patches lie on one");
    }
}
