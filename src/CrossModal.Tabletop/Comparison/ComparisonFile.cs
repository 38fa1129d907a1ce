using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Engine.Formats;

namespace CrossModal.Tabletop.Comparison;

/// <summary>Reads and writes the files of a comparison as JSON; a good file is replaced only by a whole one.</summary>
public static class ComparisonFile
{
    private const long Longest = 256 << 20;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        // Older files stay readable when an option is taken away; one that is added has its default.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        IgnoreReadOnlyProperties = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Reads <c>results.json</c>.</summary>
    /// <exception cref="FileFormatException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static ComparisonResults ReadResults(string path)
    {
        var results = Read<ComparisonResults>(path, ComparisonResults.CurrentSchema);
        foreach (var cell in results.Cells) Check(path, cell.Result);
        return results;
    }

    /// <summary>Writes <c>results.json</c>.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteResults(string path, ComparisonResults results) => Write(path, results);

    /// <summary>Reads the file of a cell.</summary>
    /// <exception cref="FileFormatException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static CellResult ReadCell(string path)
    {
        var cell = Read<CellResult>(path, CellResult.CurrentSchema);
        Check(path, cell);
        return cell;
    }

    /// <summary>Writes the file of a cell.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteCell(string path, CellResult cell) => Write(path, cell);

    /// <summary>Reads the films of a cell.</summary>
    /// <exception cref="FileFormatException">The file is damaged; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static CellFilms ReadFilms(string path) => Read<CellFilms>(path, CellFilms.CurrentSchema);

    /// <summary>Writes the films of a cell.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteFilms(string path, CellFilms films) => Write(path, films);

    /// <summary>Reads a protocol of one's own.</summary>
    /// <exception cref="FileFormatException">The file is damaged or says what is impossible; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static ComparisonProtocol ReadProtocol(string path)
    {
        var protocol = Read<ComparisonProtocol>(path, ComparisonProtocol.CurrentSchema);
        return protocol.Fault() is { } fault ? throw new FileFormatException(path, fault) : protocol;
    }

    /// <summary>Writes a protocol.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteProtocol(string path, ComparisonProtocol protocol) => Write(path, protocol);

    internal static void Write<T>(string path, T content) => AtomicFile.Write(path, stream =>
    {
        JsonSerializer.Serialize(stream, content, Json);
        stream.WriteByte((byte)'\n');
    });

    internal static T Read<T>(string path, string schema)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (new FileInfo(path) is { Exists: true, Length: > Longest }) throw new FileFormatException(path, "is larger than 256 MB");
        try
        {
            using var document = JsonDocument.Parse(JsonFile.Read(path));
            var found = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
            if (found != schema) throw new FileFormatException(path, $"is not of the format '{schema}'");
            return document.Deserialize<T>(Json) ?? throw new FileFormatException(path, "holds nothing");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }

    private static void Check(string path, CellResult cell)
    {
        try
        {
            foreach (var test in cell.Tests)
                foreach (var bits in (string[])[test.Succeeded, test.TargetFirst, test.Touched, test.Pointed]) EpisodeBits.Decode(bits, test.Episodes);
        }
        catch (FormatException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }

        if (cell.Timing.LearningSeconds.Count != cell.Learning.Count)
            throw new FileFormatException(path, $"is damaged: {cell.Timing.LearningSeconds.Count} times for {cell.Learning.Count} points of the learning curve");
    }
}
