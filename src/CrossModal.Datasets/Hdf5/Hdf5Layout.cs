using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Where a kind of HDF5 recordings keeps what.</summary>
/// <param name="Format">Its name.</param>
/// <param name="Action">Path of the actions in an episode's group.</param>
/// <param name="Observations">Path of the group of what the sensors gave.</param>
/// <param name="State">Paths that are the robot's state unless others are asked for, of which those there are count.</param>
/// <param name="IsUpsideDown">Whether the lowest row of a picture comes first.</param>
internal sealed record Hdf5Layout(string Format, string Action, string Observations, IReadOnlyList<string> State, bool IsUpsideDown = false)
{
    /// <summary>Group of the episodes of robomimic and LIBERO.</summary>
    public const string Demos = "data";

    private const string ProblemInfo = "problem_info";
    private const string EnvironmentArguments = "env_args";

    private static readonly Hdf5Layout Robomimic =
        new("robomimic HDF5", "actions", "obs", ["obs/robot0_eef_pos", "obs/robot0_eef_quat", "obs/robot0_gripper_qpos"]);
    private static readonly Hdf5Layout Libero = new(
        "LIBERO HDF5", "actions", "obs", ["obs/joint_states", "obs/gripper_states"], IsUpsideDown: true);
    private static readonly Hdf5Layout Aloha = new("ALOHA HDF5", "action", "observations", ["observations/qpos"]);

    /// <summary>The layout of a file.</summary>
    /// <exception cref="FileFormatException">It is none that is known.</exception>
    public static Hdf5Layout Of(Hdf5File file)
    {
        var names = file.Root.Names;
        if (names.Contains(Demos)) return file.Root.Find(Demos)!.Text(ProblemInfo) is null ? Robomimic : Libero;
        return names.Contains(Aloha.Action) && names.Contains(Aloha.Observations) ? Aloha
            : throw new FileFormatException(
                file.Path, $"is HDF5, but neither of robomimic or LIBERO ('data/demo_0') nor of ALOHA ('action', 'observations'); it holds: {string.Join(", ", names.Take(10).Select(n => FileFormatException.Quote(n)))}");
    }

    /// <summary>Whether episodes are groups below <see cref="Demos"/>, and not files of their own.</summary>
    public bool HasDemos => this != Aloha;

    /// <summary>The instruction of an episode; empty where the file gives none.</summary>
    public string Instruction(Hdf5Object demos, Hdf5Object demo) =>
        !HasDemos ? "" : (Json(demo.Text("ep_meta"), "lang") ?? Json(demos.Text(ProblemInfo), "language_instruction")
        ?? Json(demos.Text(EnvironmentArguments), "env_kwargs", "lang"))?.GetString() ?? "";

    /// <summary>Steps a second, in Hz; null where the file does not say.</summary>
    public double? Rate(Hdf5Object demos) =>
        HasDemos && Json(demos.Text(EnvironmentArguments), "env_kwargs", "control_freq", JsonValueKind.Number) is { } found
            && found.TryGetDouble(out var rate) && rate > 0 ? rate : null;

    private static JsonElement? Json(string? text, string name, string? inner = null, JsonValueKind kind = JsonValueKind.String)
    {
        if (text is null) return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            var at = json.RootElement;
            foreach (var key in inner is null ? [name] : (string[])[name, inner])
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(key, out at)) return null;
            return at.ValueKind == kind ? at.Clone() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // What describes the simulation need not be JSON.
            return null;
        }
    }
}
