using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Serving;

/// <summary>A measurement of the policy server, as kept in a file.</summary>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Steady">The steady load; null when it was left out.</param>
/// <param name="Curve">Throughput over clients.</param>
internal sealed record ServingRun(string Machine, SteadyLoad? Steady, IReadOnlyList<ThroughputPoint> Curve)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is not of such a measurement.</exception>
    public static ServingRun Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<ServingRun>(File.ReadAllText(file), Json) is { Curve: not null } run ? run
                : throw new UsageException($"'{file}' holds no measurement of a server");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps it in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}

/// <summary>Clients that send at a fixed rate.</summary>
/// <param name="Clients">How many.</param>
/// <param name="Rate">Observations of each in a second.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Answered">Observations that were answered with an action.</param>
/// <param name="Failed">Observations that were not.</param>
/// <param name="Median">Milliseconds from sending to the action, half of them below.</param>
/// <param name="P99">The same, 99 of 100 below.</param>
/// <param name="Largest">The longest.</param>
/// <param name="MemoryStart">Resident memory of the server after a tenth of the time, MB.</param>
/// <param name="MemoryEnd">The same at the end.</param>
internal sealed record SteadyLoad(int Clients, int Rate, int Seconds, long Answered, long Failed, double Median, double P99, double Largest,
    double MemoryStart, double MemoryEnd);

/// <summary>Clients that send without a pause.</summary>
/// <param name="Clients">How many.</param>
/// <param name="Batched">Actions in a second when requests that wait form a step.</param>
/// <param name="Single">Actions in a second when every step has one observation.</param>
/// <param name="BatchedP99">Milliseconds, 99 of 100 below, with batches.</param>
/// <param name="SingleP99">The same one by one.</param>
internal sealed record ThroughputPoint(int Clients, double Batched, double Single, double BatchedP99, double SingleP99);
