using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Engine.Formats;

namespace CrossModal.Publish.Encoders;

/// <summary>Success of one trained policy on a task and a split of the tabletop.</summary>
/// <param name="Words">What its words are: <c>learned</c> or <c>MiniLM</c>.</param>
/// <param name="Seed">Seed of its training.</param>
/// <param name="Task">The task.</param>
/// <param name="Split">The split.</param>
/// <param name="Episodes">Episodes.</param>
/// <param name="Successes">How many of them succeeded.</param>
/// <param name="Chance">Share of episodes that picking any object would solve.</param>
internal sealed record TabletopCell(string Words, ulong Seed, string Task, string Split, int Episodes, int Successes, double Chance);

/// <summary>What one policy trained on recordings does on the episodes held out.</summary>
/// <param name="Pictures">What its visual tokens are: <c>stem</c> or <c>ResNet18</c>.</param>
/// <param name="Words">What its words are: <c>learned</c> or <c>MiniLM</c>.</param>
/// <param name="Seed">Seed of its training.</param>
/// <param name="Steps">Held-out steps.</param>
/// <param name="Ratio">Mean squared error over that of the mean action.</param>
/// <param name="Spread">Entropy of its words' attention over the picture, in the layer with the least, from 0 (one patch) to 1
/// (even).</param>
/// <param name="Apart">Total variation distance between the attention of two words of the same instruction, mean over pairs.</param>
internal sealed record RecordedCell(string Pictures, string Words, ulong Seed, int Steps, double Ratio, double Spread, double Apart);

/// <summary>The experiment on pretrained encoders: its cells, how it was made.</summary>
internal sealed record EncoderStudy
{
    /// <summary>Name of the file in a folder of results.</summary>
    public const string FileName = "encoders.json";

    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Machine { get; init; }

    /// <summary>Steps of training on the tabletop.</summary>
    public required int TabletopSteps { get; init; }

    /// <summary>Steps of training on recordings.</summary>
    public required int RecordedSteps { get; init; }

    /// <summary>Episodes of recordings that were held out.</summary>
    public int HeldOut { get; init; }

    /// <summary>Cells of the tabletop.</summary>
    public required IReadOnlyList<TabletopCell> Tabletop { get; init; }

    /// <summary>Cells of recordings.</summary>
    public required IReadOnlyList<RecordedCell> Recorded { get; init; }

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        JsonSerializer.Serialize(stream, this, EncoderJson.Default.EncoderStudy);
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Reads the file of a folder; null where there is none.</summary>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    public static EncoderStudy? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(JsonFile.Read(path), EncoderJson.Default.EncoderStudy);
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }
}

/// <summary>How the study and its cells are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(EncoderStudy))]
[JsonSerializable(typeof(List<TabletopCell>))]
[JsonSerializable(typeof(RecordedCell))]
internal sealed partial class EncoderJson : JsonSerializerContext;
