using System.Globalization;
using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Data;

/// <summary>Reads a person's own recordings from plain folders: <c>episode_NNN/000.png …</c>, <c>actions.npy</c> <c>[T, A]</c>, optional
/// <c>states.npy</c> <c>[T, P]</c>, and <c>episode.json</c> with an <c>instruction</c>.</summary>
public static class EpisodeFolder
{
    private const long LongestDescription = 1 << 20;

    /// <summary>Reads every <c>episode_*</c> folder, in the order of their names.</summary>
    /// <param name="folder">The folder that holds them.</param>
    /// <exception cref="FileFormatException">There is none, a file is missing or damaged, or sizes do not agree; the message names the file.</exception>
    public static IReadOnlyList<Episode> ReadAll(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw new FileFormatException(folder, "no such folder");
        var names = Directory.GetDirectories(folder, "episode_*").Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0) throw new FileFormatException(folder, "holds no folder called episode_*");
        var episodes = Array.ConvertAll(names, Read);
        for (var i = 1; i < episodes.Length; i++)
        {
            if (episodes[i].Actions[0].Length != episodes[0].Actions[0].Length)
                throw new FileFormatException(Path.Combine(names[i], "actions.npy"), $"has {episodes[i].Actions[0].Length} numbers a step, {episodes[0].Name} has {episodes[0].Actions[0].Length}");
            if (episodes[i].States?[0].Length != episodes[0].States?[0].Length)
                throw new FileFormatException(Path.Combine(names[i], "states.npy"), $"has {episodes[i].States?[0].Length ?? 0} numbers a step, {episodes[0].Name} has {episodes[0].States?[0].Length ?? 0}");
        }

        return episodes;
    }

    /// <summary>Reads one episode.</summary>
    /// <exception cref="FileFormatException">A file is missing or damaged, or sizes do not agree; the message names the file.</exception>
    public static Episode Read(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var actions = Table(Path.Combine(folder, "actions.npy"));
        var frames = new List<RgbImage>();
        for (var i = 0; i < actions.Length; i++)
        {
            var path = Path.Combine(folder, i.ToString("000", CultureInfo.InvariantCulture) + ".png");
            if (!File.Exists(path)) throw new FileFormatException(path, $"is missing; actions.npy has {actions.Length} steps");
            frames.Add(Picture.Read(path));
            if (frames[i].Width != frames[0].Width || frames[i].Height != frames[0].Height)
                throw new FileFormatException(path, $"is {frames[i].Width}×{frames[i].Height}, the first picture {frames[0].Width}×{frames[0].Height}");
        }

        var statesPath = Path.Combine(folder, "states.npy");
        var states = File.Exists(statesPath) ? Table(statesPath) : null;
        if (states is not null && states.Length != actions.Length)
            throw new FileFormatException(statesPath, $"has {states.Length} steps, actions.npy {actions.Length}");
        return new Episode(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), Instruction(Path.Combine(folder, "episode.json")), frames, actions, states);
    }

    private static float[][] Table(string path)
    {
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        var stored = Npy.Read(path);
        if (stored.Shape.Length != 2 || stored.Shape[0] == 0 || stored.Shape[1] == 0)
            throw new FileFormatException(path, $"must hold a table [steps, numbers], holds [{string.Join(',', stored.Shape.ToArray())}]");
        var values = stored.ToSingles();
        for (var i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i])) throw new FileFormatException(path, $"holds {values[i]} in step {i / stored.Shape[1]}");
        return [.. values.Chunk(stored.Shape[1])];
    }

    private static string Instruction(string path)
    {
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        if (new FileInfo(path).Length > LongestDescription) throw new FileFormatException(path, "is larger than 1 MB");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("instruction", out var instruction)
                && instruction.ValueKind == JsonValueKind.String && instruction.GetString() is { } text && text.Any(char.IsLetterOrDigit))
                return text;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The reader tells of text that is not Unicode as of an invalid operation, when the text is taken out.
            throw new FileFormatException(path, $"is not JSON: {Failure.Reason(error)}", error);
        }

        throw new FileFormatException(path, "has no text called \"instruction\"");
    }
}
