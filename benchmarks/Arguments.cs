using System.Globalization;

namespace CrossModal.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Threads">Thread counts to measure, in order.</param>
/// <param name="Json">File for the results, or null.</param>
internal sealed record Arguments(IReadOnlyList<int> Threads, string? Json)
{
    public const string Usage = "usage: dotnet run -c Release --project benchmarks -- kernels [--threads 1,2] [--json FILE]";

    /// <summary>Reads the arguments; one thread and as many as there are processors unless told otherwise.</summary>
    /// <exception cref="ArgumentException">An argument is unknown, lacks its value, or has one that makes no sense.</exception>
    public static Arguments Parse(string[] args)
    {
        if (args.Length == 0 || args[0] != "kernels") throw new ArgumentException(args.Length == 0 ? "nothing to measure is named" : $"'{args[0]}' is not known");
        var read = new Arguments(Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount], null);
        for (var i = 1; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"'{args[i]}' has no value");
            read = args[i] switch
            {
                "--threads" => read with { Threads = [.. value.Split(',').Select(Count)] },
                "--json" => read with { Json = Writable(value) },
                _ => throw new ArgumentException($"'{args[i]}' is not known"),
            };
        }

        return read;
    }

    // Found out before the measurement, not after it.
    private static string Writable(string file) => Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file)))
        ? file
        : throw new ArgumentException($"--json: the folder of '{file}' does not exist");

    private static int Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1024
        ? count
        : throw new ArgumentException($"--threads: '{text}' is not a number from 1 to 1024");
}
