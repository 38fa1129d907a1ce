using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>The file in a run's folder that says what of its data set was taken.</summary>
internal static partial class DataChoiceFile
{
    /// <summary>Its name.</summary>
    public const string Name = "dataset.json";

    /// <summary>Writes it, beside and renamed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string folder, DataChoice choice) =>
        AtomicFile.Write(Path.Combine(folder, Name), stream => JsonSerializer.Serialize(stream, choice, DataChoiceJson.Default.DataChoice));

    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    public static DataChoice? Find(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(JsonFile.Read(path), DataChoiceJson.Default.DataChoice) is
            {
                Cameras.Count: > 0,
                Action.Count: > 0
            } choice
                ? choice
                : throw new FileFormatException(path, "names no camera or no action");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"does not say what of a data set was taken: {Failure.Reason(error)}", error);
        }
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(DataChoice))]
    private sealed partial class DataChoiceJson : JsonSerializerContext;
}
