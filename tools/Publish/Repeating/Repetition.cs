using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Publish.Questions;

namespace CrossModal.Publish.Repeating;

/// <summary>Published cells that were trained and tested again: the content of <c>repeated.json</c>.</summary>
internal sealed record Repetition
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-repetition/1";

    /// <summary>The name of the file, beside the results.</summary>
    public const string Name = "repeated.json";

    private const int NoQuestion = 0;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The format it was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Machine { get; init; }

    /// <summary>Version of the library that repeated them.</summary>
    public required string Version { get; init; }

    /// <summary>The cells.</summary>
    public required IReadOnlyList<RepeatedCell> Cells { get; init; }

    /// <summary>The values of documents: <c>repeated cells|agreeing|episodes|other-outcomes|distance</c>.</summary>
    public Answer Answer => new()
    {
        Question = NoQuestion,
        Command = Command,
        Machine = Machine,
        Values =
        {
            ["repeated cells"] = $"{Cells.Count}",
            ["repeated agreeing"] = $"{Cells.Count(c => c.Agrees)}",
            ["repeated episodes"] = Cells.Sum(c => c.Episodes).ToString("N0", CultureInfo.InvariantCulture),
            ["repeated other-outcomes"] = $"{Cells.Sum(c => c.OtherOutcomes)}",
            ["repeated distance"] = (10 * Cells.Max(c => c.Distance)).ToString("0.0", CultureInfo.InvariantCulture) + " mm",
        },
    };

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, Name), stream =>
    {
        JsonSerializer.Serialize(stream, this, Json);
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Reads the file in a folder; null when there is none.</summary>
    /// <exception cref="FileFormatException">It is damaged; the message names it.</exception>
    public static Repetition? Find(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path)) return null;
        try
        {
            var read = JsonSerializer.Deserialize<Repetition>(JsonFile.Read(path), Json);
            return read is { Schema: CurrentSchema } ? read : throw new FileFormatException(path, $"is no {CurrentSchema} file");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }
}
