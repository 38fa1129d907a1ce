namespace CrossModal.Benchmarks.Frames;

/// <summary>What a measurement of the preprocessing of frames is asked for.</summary>
/// <param name="Rounds">Rounds, each of which calls every way once.</param>
internal sealed record FramesArguments(int Rounds)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  frames [--rounds 101]\n        camera frames to the planes of a 64x64 model beside the plain way and beside reading their " +
        "bytes, one thread";

    private const int MostRounds = 100_000;

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static FramesArguments Parse(IReadOnlyList<string> args)
    {
        var read = new FramesArguments(101);
        foreach (var (name, value) in Options.Pairs(args))
            read = name == "--rounds" ? new(Options.Number(name, value, 1, MostRounds)) : throw Options.Unknown(name);
        return read;
    }
}
