using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Crossover;

/// <summary>A measurement of the crossover, as kept in a file.</summary>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Threads">Threads of a frame.</param>
/// <param name="Points">The points, by visual tokens, instruction and words.</param>
internal sealed record CrossoverRun(string Machine, int Threads, IReadOnlyList<CrossoverPoint> Points)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The sweeps over words: one for each number of visual tokens, with the instruction in the frame and set once.</summary>
    public IEnumerable<IReadOnlyList<CrossoverPoint>> Sweeps =>
        Points.GroupBy(p => (p.Visuals, p.InstructionStays)).Select(g => g.OrderBy(p => p.Words).ToList());

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is not of such a measurement.</exception>
    public static CrossoverRun Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<CrossoverRun>(File.ReadAllText(file), Json) is { Points: not null } run ? run
                : throw new UsageException($"'{file}' holds no crossover");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps it in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}
