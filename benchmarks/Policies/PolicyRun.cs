using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Policies;

/// <summary>A measurement of control steps, as kept in a file.</summary>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Vectors">The widest vectors.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Rows">Strategies and their times.</param>
internal sealed record PolicyRun(string Machine, string Vectors, int Threads, IReadOnlyList<PolicyRow> Rows)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is not of such a measurement.</exception>
    public static PolicyRun Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<PolicyRun>(File.ReadAllText(file), Json) is { Rows.Count: > 0 } run ? run
                : throw new UsageException($"'{file}' holds no control steps");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps it in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}

/// <summary>One strategy.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Times">Medians.</param>
internal sealed record PolicyRow(string Strategy, StepTimes Times);
