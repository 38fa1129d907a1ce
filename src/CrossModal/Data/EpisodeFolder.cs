using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Data;

/// <summary>Reads a person's own recordings from plain folders: <c>episode_NNN/000.png …</c> (or <c>.jpg</c>), <c>actions.npy</c> <c>[T,
/// A]</c>, optional <c>states.npy</c> <c>[T, P]</c>, and <c>episode.json</c> with an <c>instruction</c> and, if known, names and units:
/// <c>"actions": [{"name": "dx", "unit": "m"}, …]</c>, <c>"states"</c> likewise.</summary>
/// <remarks>There are T pictures, one an action, or T + 1, the last of which shows how it ended. Where pictures were taken at another rate,
/// <c>episode.json</c> gives <c>picture_rate</c> and <c>action_rate</c> in Hz; both begin at time 0, and action i, at i /
/// <c>action_rate</c> seconds, has the newest picture of that time.</remarks>
internal static class EpisodeFolder
{
    /// <summary>Reads every <c>episode_*</c> folder, in the order of their names.</summary>
    /// <param name="folder">The folder that holds them.</param>
    /// <param name="side">Side, in pixels, of the square that every picture is fitted into (<see cref="Letterbox"/>) as soon as it is
    /// decoded, so that memory does not grow with the size of the recording; null keeps pictures as they were recorded.</param>
    /// <exception cref="FileFormatException">There is none, a file is missing or damaged, or sizes do not agree; the message names the
    /// file.</exception>
    public static IReadOnlyList<Episode> ReadAll(string folder, int? side = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw new FileFormatException(folder, "no such folder");
        var names = Directory.GetDirectories(folder, "episode_*").Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0) throw new FileFormatException(folder, "holds no folder called episode_*");
        var episodes = Array.ConvertAll(names, name => Read(name, side));
        for (var i = 1; i < episodes.Length; i++)
        {
            if (episodes[i].Actions[0].Length != episodes[0].Actions[0].Length)
                throw new FileFormatException(Path.Combine(names[i], "actions.npy"),
                    $"has {episodes[i].Actions[0].Length} numbers a step, {episodes[0].Name} has {episodes[0].Actions[0].Length}");
            if (episodes[i].States?[0].Length != episodes[0].States?[0].Length)
                throw new FileFormatException(Path.Combine(names[i], "states.npy"),
                    $"has {episodes[i].States?[0].Length ?? 0} numbers a step, {episodes[0].Name} has {episodes[0].States?[0].Length ?? 0}");
            RequireSame(names[i], "actions", episodes[i].ActionQuantities, episodes[0].ActionQuantities, episodes[0].Name);
            RequireSame(names[i], "states", episodes[i].StateQuantities, episodes[0].StateQuantities, episodes[0].Name);
        }

        return episodes;
    }

    /// <summary>Reads one episode.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="side">As for <see cref="ReadAll"/>.</param>
    /// <exception cref="FileFormatException">A file is missing or damaged, or sizes do not agree; the message names the file.</exception>
    public static Episode Read(string folder, int? side = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var actions = Table(Path.Combine(folder, "actions.npy"));
        var description = EpisodeDescription.Read(Path.Combine(folder, "episode.json"));
        var statesPath = Path.Combine(folder, "states.npy");
        var states = File.Exists(statesPath) ? Table(statesPath) : null;
        if (states is not null && states.Length != actions.Length)
            throw new FileFormatException(statesPath, $"has {states.Length} steps, actions.npy {actions.Length}");
        var files = new EpisodeFrames(folder).For(description, actions.Length);
        return new Episode(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), description.Instruction,
            EpisodeFrames.Decode(files, side), actions, states)
        {
            Files = files,
            ActionQuantities = Named(folder, "actions", description.Actions, "action", actions[0].Length),
            StateQuantities = Named(folder, "states", description.States, "state", states?[0].Length ?? 0),
        };
    }

    /// <summary>The names and units that an episode gives, or numbered names.</summary>
    private static IReadOnlyList<Quantity> Named(string folder, string key, IReadOnlyList<Quantity>? given, string name, int count) =>
        given is null ? Quantity.Numbered(name, count)
        : given.Count == count ? given
        : throw new FileFormatException(Path.Combine(folder, "episode.json"),
            $"\"{key}\" names {given.Count} numbers, {key}.npy has {count} a step");

    /// <summary>Names and units of an episode must be those of the first.</summary>
    /// <exception cref="FileFormatException">They are not.</exception>
    internal static void RequireSame(string folder, string key, IReadOnlyList<Quantity> found, IReadOnlyList<Quantity> expected,
        string first)
    {
        for (var d = 0; d < found.Count; d++)
            if (found[d] != expected[d])
                throw new FileFormatException(Path.Combine(folder, "episode.json"),
                    $"number {d} of \"{key}\" is {found[d].Name} [{found[d].Unit}], in {first} it is {expected[d].Name} [{expected[d].Unit}]");
    }

    /// <summary>Reads a table <c>[T, D]</c> of finite numbers.</summary>
    /// <exception cref="FileFormatException">The file is missing, damaged, holds no table, or a number that is not finite.</exception>
    internal static float[][] Table(string path)
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
}
