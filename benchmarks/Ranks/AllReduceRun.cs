using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Ranks;

/// <summary>A measurement of the exchange of gradients, as kept in a file.</summary>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Step">The training step beside it.</param>
/// <param name="Points">The exchanges.</param>
internal sealed record AllReduceRun(string Machine, StepTime Step, IReadOnlyList<AllReducePoint> Points)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is not of such a measurement.</exception>
    public static AllReduceRun Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<AllReduceRun>(File.ReadAllText(file), Json) is { Points: not null, Step: not null } run ? run
                : throw new UsageException($"'{file}' holds no measurement of an exchange");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps it in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}

/// <summary>The exchange of one step: reports, all-to-all of slices, their sum, norms, all-gather.</summary>
/// <param name="Transport">How messages travel: <c>memory</c> or <c>tcp</c>.</param>
/// <param name="Ranks">Number of ranks, one shard each.</param>
/// <param name="Numbers">Numbers of a gradient, four bytes each.</param>
/// <param name="Microseconds">Median time.</param>
internal sealed record AllReducePoint(string Transport, int Ranks, int Numbers, double Microseconds);

/// <summary>A training step of the policy that <c>train</c> makes unless told otherwise, on one thread, without any exchange.</summary>
/// <param name="Parameters">Numbers of its gradient.</param>
/// <param name="Samples">Samples of a step.</param>
/// <param name="Milliseconds">Median time.</param>
internal sealed record StepTime(int Parameters, int Samples, double Milliseconds);
