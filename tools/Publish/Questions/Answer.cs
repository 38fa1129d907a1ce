using System.Text.Encodings.Web;
using System.Text.Json;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;

namespace CrossModal.Publish.Questions;

/// <summary>What an experiment measured, as it stands in documents: tables and values by name.</summary>
internal sealed record Answer
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-answer/1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The number of the figures of docs/trust, which answer no question of the textbook's.</summary>
    public const int Trust = 6;

    /// <summary>The format it was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Number of the textbook's question, or <see cref="Trust"/>.</summary>
    public required int Question { get; init; }

    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Machine { get; init; }

    /// <summary>Rows of tables, by name; the first cell of a row is a key of <see cref="AnswerNames"/>, or a name that stays.</summary>
    public Dictionary<string, List<string[]>> Tables { get; init; } = [];

    /// <summary>Values, by name.</summary>
    public Dictionary<string, string> Values { get; init; } = [];

    /// <summary>A table with the names of its rows in a language; null where there is none of that name.</summary>
    public IReadOnlyList<string[]>? TableIn(ToolLanguage language, string name) => Tables.TryGetValue(name, out var rows)
        ? [.. rows.Select(row => (string[])[AnswerNames.Of(row[0], language), .. row[1..]])] : null;

    /// <summary>The file of a question's answer in a folder.</summary>
    public static string PathOf(string folder, int question) => Path.Combine(folder, $"question{question}.json");

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.Write(PathOf(folder, Question), stream =>
    {
        JsonSerializer.Serialize(stream, this, Json);
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Reads the answers there are in a folder.</summary>
    /// <exception cref="FileFormatException">A file is damaged; the message names it.</exception>
    public static IReadOnlyList<Answer> ReadAll(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.EnumerateFiles(folder, "question?.json").Order(StringComparer.Ordinal).Select(Read)];
    }

    private static Answer Read(string path)
    {
        try
        {
            var answer = JsonSerializer.Deserialize<Answer>(JsonFile.Read(path), Json);
            return answer is { Schema: CurrentSchema } ? answer : throw new FileFormatException(path, $"is no {CurrentSchema} file");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }
}
