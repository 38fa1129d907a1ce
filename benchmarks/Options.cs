using System.Globalization;

namespace CrossModal.Benchmarks;

/// <summary>Reads options of the form <c>--name value</c>.</summary>
internal static class Options
{
    private const int MostThreads = 1024;

    /// <summary>One thread, and as many as there are processors.</summary>
    public static IReadOnlyList<int> DefaultThreads => Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];

    /// <summary>Names and their values.</summary>
    /// <exception cref="UsageException">The last name has no value.</exception>
    public static IEnumerable<(string Name, string Value)> Pairs(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i += 2)
            yield return (args[i], i + 1 < args.Count ? args[i + 1] : throw new UsageException($"'{args[i]}' has no value"));
    }

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="UsageException">It is not one.</exception>
    public static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name}: '{text}' is not a number from {least} to {most}");

    /// <summary>Thread counts, separated by commas.</summary>
    /// <exception cref="UsageException">One makes no sense.</exception>
    public static IReadOnlyList<int> Threads(string name, string text) =>
        [.. text.Split(',').Select(t => Number(name, t, 1, MostThreads)).Distinct()];

    /// <summary>A file whose folder exists: found out before the measurement, not after it.</summary>
    /// <exception cref="UsageException">The folder does not exist.</exception>
    public static string Writable(string name, string file) => Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file)))
        ? file
        : throw new UsageException($"{name}: the folder of '{file}' does not exist");

    /// <summary>The complaint about an argument that means nothing.</summary>
    public static UsageException Unknown(string name) => new($"'{name}' is not known");
}
