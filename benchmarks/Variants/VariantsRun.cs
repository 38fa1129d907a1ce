using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Variants;

/// <summary>A measurement of attention variants, as kept in a file.</summary>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Points">The points.</param>
internal sealed record VariantsRun(string Machine, int Threads, IReadOnlyList<VariantPoint> Points)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The points of each variant, of rising numbers of visual tokens.</summary>
    public IEnumerable<IReadOnlyList<VariantPoint>> Sweeps(bool own) =>
        Points.Where(p => p.Own == own).GroupBy(p => p.Variant).Select(g => g.OrderBy(p => p.Visuals).ToList());

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is not of such a measurement.</exception>
    public static VariantsRun Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<VariantsRun>(File.ReadAllText(file), Json) is { Points: not null } run ? run
                : throw new UsageException($"'{file}' holds no variants");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps it in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}
