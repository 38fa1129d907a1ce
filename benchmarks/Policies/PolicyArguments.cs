using CrossModal.Fusion;

namespace CrossModal.Benchmarks.Policies;

/// <summary>What a measurement of control steps is asked for.</summary>
/// <param name="Strategies">Fusion strategies.</param>
/// <param name="Layers">Layers of each.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Width">Width of the camera picture in pixels.</param>
/// <param name="Height">Height of the camera picture in pixels.</param>
/// <param name="Rounds">Rounds, in each of which every way is timed once.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record PolicyArguments(IReadOnlyList<string> Strategies, int Layers, int Threads, int Width, int Height, int Rounds,
    string? Json)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  policy [--strategies cross-attention,...] [--layers 4] [--threads 1] [--width 640] [--height 480] [--rounds 200] [--json " +
            "FILE]\n        a control step from camera picture to action, eager and compiled, beside the floor of its multiply-adds";

    private const int MostSide = 8192;
    private const int MostRounds = 100_000;

    /// <summary>Parses what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static PolicyArguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new PolicyArguments(["cross-attention"], 4, 1, 640, 480, 200, null);
        foreach (var (name, value) in Options.Pairs(args))
        {
            parsed = name switch
            {
                "--strategies" => parsed with { Strategies = [.. value.Split(',').Select(v => Strategy(name, v)).Distinct()] },
                "--layers" => parsed with { Layers = Options.Number(name, value, 1, 64) },
                "--threads" => parsed with { Threads = Options.Number(name, value, 1, 1024) },
                "--width" => parsed with { Width = Options.Number(name, value, 1, MostSide) },
                "--height" => parsed with { Height = Options.Number(name, value, 1, MostSide) },
                "--rounds" => parsed with { Rounds = Options.Number(name, value, 3, MostRounds) },
                "--json" => parsed with { Json = Options.Writable(name, value) },
                _ => throw Options.Unknown(name),
            };
        }

        return parsed;
    }

    private static string Strategy(string name, string value) =>
        FusionStrategies.Names.Contains(value) ? value : throw new UsageException($"{name}: there is no strategy '{value}'");
}
