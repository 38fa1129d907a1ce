using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Client.Wire;
using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>A part of the robot's state in a client's message.</summary>
/// <param name="Key">The key of an array of numbers.</param>
/// <param name="Take">Which of them, in this order; all when null.</param>
internal sealed record StateSource(string Key, IReadOnlyList<int>? Take = null);

/// <summary>Where a client's messages hold what a policy needs.</summary>
/// <param name="Cameras">The key of the picture of every camera of the policy, in the policy's order; more keys than cameras are left
/// unused.</param>
/// <param name="State">The parts of the state, one behind the other.</param>
/// <param name="Instruction">The key of the instruction.</param>
internal sealed record ObservationMapping(IReadOnlyList<string> Cameras, IReadOnlyList<StateSource> State, string Instruction)
{
    /// <summary>The names of the mappings that are there without a file.</summary>
    public static IReadOnlyList<string> ReadyMade { get; } = ["own", "libero", "droid", "aloha"];

    /// <summary>A mapping by name, or from a file.</summary>
    /// <param name="nameOrPath">One of <see cref="ReadyMade"/>, or a JSON file with <c>cameras</c>, <c>state</c> and
    /// <c>instruction</c>.</param>
    /// <param name="signature">What the policy takes.</param>
    /// <exception cref="ArgumentException">The file does not say where everything is that the policy needs.</exception>
    public static ObservationMapping Load(string nameOrPath, PolicySignature signature)
    {
        var mapping = nameOrPath switch
        {
            "own" => new ObservationMapping([.. signature.Cameras], [new("state")], "prompt"),
            "libero" => new ObservationMapping(["observation/image", "observation/wrist_image"], [new("observation/state")], "prompt"),
            "droid" => new ObservationMapping(["observation/exterior_image_1_left", "observation/wrist_image_left"],
                [new("observation/joint_position"), new("observation/gripper_position")], "prompt"),
            "aloha" => new ObservationMapping(["images/cam_high", "images/cam_low", "images/cam_left_wrist", "images/cam_right_wrist"],
                [new("state")], "prompt"),
            _ => Read(nameOrPath),
        };
        if (mapping.Cameras.Count < signature.Cameras.Count)
            throw new ArgumentException(
                $"mapping '{nameOrPath}': it has {mapping.Cameras.Count} cameras, the policy needs {signature.Cameras.Count} ({string.Join(", ", signature.Cameras)})");
        return signature.States.Count == 0 ? mapping with { State = [] } : mapping;
    }

    /// <summary>Takes an observation out of a message.</summary>
    /// <param name="message">The message's values; a key with slashes may also name a value in nested maps.</param>
    /// <param name="signature">What the policy takes.</param>
    /// <exception cref="RefusedException">Something is missing or has another type; the message names its key.</exception>
    public DecodedObservation Decode(IReadOnlyDictionary<string, object?> message, PolicySignature signature)
    {
        if (Find(message, Instruction) is not string instruction)
            throw new RefusedException(Refusal.Invalid, $"the observation has no '{Instruction}' of text");
        var cameras = new KeyValuePair<string, PictureValue>[signature.Cameras.Count];
        for (var i = 0; i < cameras.Length; i++)
            cameras[i] = new(signature.Cameras[i], PictureValue.Of(Find(message, Cameras[i]), Cameras[i]));
        return new DecodedObservation(cameras, StateOf(message, signature), instruction);
    }

    private float[] StateOf(IReadOnlyDictionary<string, object?> message, PolicySignature signature)
    {
        var state = new List<float>(signature.States.Count);
        foreach (var source in State)
        {
            var values = Numbers(Find(message, source.Key), source.Key);
            foreach (var index in source.Take ?? [.. Enumerable.Range(0, values.Length)])
                state.Add(index < values.Length ? values[index] : throw new RefusedException(Refusal.Invalid,
                    $"'{source.Key}' has {values.Length} numbers, number {index} of it is needed"));
        }

        return state.Count == signature.States.Count ? [.. state] : throw new RefusedException(Refusal.Invalid,
            $"the state has {state.Count} numbers ({string.Join(", ", State.Select(s => s.Key))}), the policy needs {signature.States.Count}: {string.Join(", ", signature.States.Select(s => $"{s.Name} [{s.Unit}]"))}");
    }

    private static float[] Numbers(object? value, string key) => value switch
    {
        NumpyArray array when array.Shape.Count <= 2 => array.ToSingles(),
        List<object?> list when list.TrueForAll(v => v is long or double) => [.. list.Select(v => Convert.ToSingle(v, null))],
        long or double => [Convert.ToSingle(value, null)],
        null => throw new RefusedException(Refusal.Invalid, $"the observation has no '{key}'"),
        _ => throw new RefusedException(Refusal.Invalid, $"'{key}' is no array of numbers"),
    };

    private static object? Find(IReadOnlyDictionary<string, object?> message, string key)
    {
        if (message.TryGetValue(key, out var value)) return value;
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && message.GetValueOrDefault(key[..slash]) is IReadOnlyDictionary<string, object?> nested
            ? Find(nested, key[(slash + 1)..]) : null;
    }

    private static ObservationMapping Read(string path)
    {
        if (!File.Exists(path))
            throw new ArgumentException(
                $"mapping '{path}': there is no such file, and the ready-made ones are: {string.Join(", ", ReadyMade)}");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), MappingJson.Default.ObservationMapping) switch
            {
                null or { Cameras: null } or { State: null } or { Instruction: null } =>
                    throw new ArgumentException($"mapping '{path}': it needs cameras, state and instruction"),
                var mapping when mapping.State.Any(s => s?.Key is null || (s.Take?.Any(i => i < 0) ?? false)) =>
                    throw new ArgumentException($"mapping '{path}': a part of the state has no key, or takes a negative number"),
                var mapping => mapping,
            };
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"mapping '{path}': {exception.Message}");
        }
    }
}

/// <summary>Reads mapping files.</summary>
[JsonSerializable(typeof(ObservationMapping))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class MappingJson : JsonSerializerContext;
