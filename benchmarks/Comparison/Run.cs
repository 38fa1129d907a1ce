using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>What a run measures, so that a file of one run is never continued by another.</summary>
/// <param name="Machine">The machine and the runtime.</param>
/// <param name="Versions">Engines and their versions.</param>
/// <param name="Measures">Keys of what is measured.</param>
internal sealed record Configuration(string Machine, IReadOnlyDictionary<string, string> Versions, IReadOnlyList<string> Measures)
{
    /// <summary>What differs between two, in words; null when nothing does.</summary>
    public string? Difference(Configuration other) =>
        Machine != other.Machine ? $"it is of another machine or runtime ({other.Machine})"
        : !Versions.OrderBy(v => v.Key).SequenceEqual(other.Versions.OrderBy(v => v.Key))
            ? "it is of other engines, or of another build of ours"
        : !Measures.SequenceEqual(other.Measures) ? "it measures something else"
        : null;
}

/// <summary>Everything measured so far.</summary>
internal sealed class Run
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>What is measured.</summary>
    public required Configuration Configuration { get; init; }

    /// <summary>Rounds that are complete.</summary>
    public int Rounds { get; set; }

    /// <summary>The calibrator's best by thread count, nanoseconds.</summary>
    public Dictionary<int, double> CalibratorBest { get; init; } = [];

    /// <summary>The multiply-add peak of the vectors in use, by thread count, operations a nanosecond (GFLOP/s).</summary>
    public Dictionary<int, double> Peak { get; init; } = [];

    /// <summary>Numbers of our engine alone, by key, in their units.</summary>
    public Dictionary<string, double> Figures { get; init; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public SortedDictionary<string, string> Skipped { get; init; } = [];

    /// <summary>Medians, ratios and verdicts, for readers of the file.</summary>
    public IReadOnlyList<object> Results { get; set; } = [];

    /// <summary>All samples.</summary>
    public List<Sample> Samples { get; init; } = [];

    /// <summary>Starts anew, or goes on with what a file holds. Samples of a round that was not completed are dropped.</summary>
    /// <exception cref="UsageException">The file is of another run, or no such file at all.</exception>
    public static Run StartOrContinue(string? file, Configuration configuration)
    {
        if (file is null || !File.Exists(file)) return new Run { Configuration = configuration };
        var run = Read(file);
        if (configuration.Difference(run.Configuration) is { } difference)
            throw new UsageException($"--json: '{file}' cannot be continued: {difference}; name another file, or delete it");
        run.Samples.RemoveAll(s => s.Round >= run.Rounds);

        // What failed may work this time.
        run.Skipped.Clear();
        return run;
    }

    /// <summary>What a file holds.</summary>
    /// <exception cref="UsageException">It is no such file.</exception>
    public static Run Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Run>(File.ReadAllText(file), Json) ?? throw new UsageException($"--json: '{file}' is empty");
        }
        catch (JsonException e)
        {
            throw new UsageException($"--json: '{file}' is not a file of a run: {e.Message}", e);
        }
    }

    /// <summary>Keeps everything in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}
