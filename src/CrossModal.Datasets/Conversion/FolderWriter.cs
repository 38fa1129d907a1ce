using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>Writes recordings as plain folders, which <see cref="EpisodeFolder"/> describes: numbers as .npy, pictures as PNG, without
/// loss.</summary>
internal static class FolderWriter
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a data set.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="choice">What of it.</param>
    /// <param name="folder">The new folder; written beside and renamed.</param>
    /// <param name="rate">Steps a second, in Hz; null for the data set's own.</param>
    /// <param name="written">Called after each episode with how many are written; null for nobody.</param>
    /// <param name="cancellation">Stops; nothing is left.</param>
    /// <exception cref="FileFormatException">Something that is read is damaged, or an episode has no instruction.</exception>
    /// <exception cref="IOException">The folder is there already, or cannot be written.</exception>
    public static void Write(RecordingSource source, DataChoice choice, string folder, double? rate = null, Action<int>? written = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(choice);
        WholeFolder.Write(folder, beside =>
        {
            foreach (var (i, episode) in choice.Episodes(source).Index())
            {
                var path = Path.Combine(beside, string.Create(CultureInfo.InvariantCulture, $"{FolderSource.EpisodePrefix}{i:000}"));
                Episode(source, choice, episode, path, rate ?? source.Rate, cancellation);
                written?.Invoke(i + 1);
            }
        });
    }

    private static void Episode(RecordingSource source, DataChoice choice, EpisodeInfo episode, string path, double? rate,
        CancellationToken cancellation)
    {
        Directory.CreateDirectory(path);
        var description = new JsonObject { ["instruction"] = TrainingEpisodes.InstructionOf(source, episode, choice) };
        if (rate is { } hertz) description["rate_hz"] = hertz;
        Numbers(source, episode, choice.Action, "actions", path, description);
        if (choice.State.Count > 0) Numbers(source, episode, choice.State, "states", path, description);
        foreach (var camera in choice.Cameras)
        {
            // The folder of an only camera without a name of its own is the episode's.
            var name = camera.StartsWith(LeRobotWriter.CameraPrefix, StringComparison.Ordinal) ? camera[LeRobotWriter.CameraPrefix.Length..]
                : camera;
            var inner = choice.Cameras.Count == 1 && name == FolderSource.OnlyCamera ? path
                : Path.Combine(path, string.Join('_', name.Split(Path.GetInvalidFileNameChars())));
            foreach (var (t, picture) in source.Frames(episode, camera).Index())
            {
                cancellation.ThrowIfCancellationRequested();
                Png.Write(Path.Combine(inner, string.Create(CultureInfo.InvariantCulture, $"{t:000}.png")), picture);
            }
        }

        File.WriteAllText(Path.Combine(path, "episode.json"), description.ToJsonString(Json));
    }

    private static void Numbers(RecordingSource source, EpisodeInfo episode, IReadOnlyList<string> columns, string name, string path,
        JsonObject description)
    {
        var rows = TrainingEpisodes.Finite(source, episode, columns);
        Npy.Write(Path.Combine(path, name + ".npy"), StoredArray.From(rows.SelectMany(row => row).ToArray(), rows.Length, rows[0].Length));
        description[name] = new JsonArray([.. TrainingEpisodes.Distinct(source.Quantities(columns))
            .Select(q => (JsonNode)new JsonObject { ["name"] = q.Name, ["unit"] = q.Unit })]);
    }
}
