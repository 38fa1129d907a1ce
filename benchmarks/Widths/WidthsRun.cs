using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Widths;

/// <summary>A measurement of both widths of vectors, as kept in a file.</summary>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Rows">The kernels.</param>
internal sealed record WidthsRun(string Machine, IReadOnlyList<WidthRow> Rows)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is not of such a measurement.</exception>
    public static WidthsRun Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<WidthsRun>(File.ReadAllText(file), Json) is { Rows.Count: > 0 } run ? run
                : throw new UsageException($"'{file}' holds no measurement of vectors");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps it in a file.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
}

/// <summary>One kernel: medians over rounds of one call, microseconds.</summary>
/// <param name="Name">Kernel and size.</param>
/// <param name="Narrow">With vectors of 256 bits.</param>
/// <param name="Wide">With vectors of 512 bits.</param>
/// <param name="Ratio">Narrow over wide, median of the rounds' ratios.</param>
/// <param name="Bytes">Reading and writing its bytes once, with vectors of 512 bits.</param>
/// <param name="Arithmetic">Its products and multiply-adds at the peak of 512 bits.</param>
/// <param name="Beside">Another build with vectors of 512 bits, or null.</param>
internal sealed record WidthRow(string Name, double Narrow, double Wide, double Ratio, double Bytes, double Arithmetic, double? Beside)
{
    /// <summary>The least the kernel can take.</summary>
    public double Floor => Math.Max(Bytes, Arithmetic);
}
