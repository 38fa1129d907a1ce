using System.Text.Json;
using CrossModal.Client.Wire;
using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>A request of KServe's protocol, version 2: JSON, with the bytes of tensors behind it where it says so.</summary>
/// <param name="Id">The client's name for it; null for none.</param>
/// <param name="Inputs">The tensors by name.</param>
/// <param name="BinaryOutput">Whether the action is wanted as bytes.</param>
/// <param name="Sequence">The episode it belongs to; null for none.</param>
internal sealed record KServeRequest(string? Id, IReadOnlyDictionary<string, KServeTensor> Inputs, bool BinaryOutput,
    KServeSequence? Sequence)
{
    /// <summary>The name of the input of instructions.</summary>
    public const string Instruction = "instruction";

    /// <summary>The name of the input of states.</summary>
    public const string State = "state";

    private const int MostNested = 16;
    private const int MostInputs = 64;
    private const int LongestSequence = 128;

    /// <summary>Parses a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="jsonBytes">How many bytes of it are JSON; null for all.</param>
    /// <exception cref="WireFormatException">It does not follow the protocol.</exception>
    public static KServeRequest Parse(ReadOnlyMemory<byte> body, int? jsonBytes)
    {
        if (jsonBytes is < 0 || jsonBytes > body.Length)
            throw new WireFormatException($"the body has {body.Length} bytes, its JSON is said to have {jsonBytes}");
        try
        {
            using var document = JsonDocument.Parse(body[..(jsonBytes ?? body.Length)], new JsonDocumentOptions { MaxDepth = MostNested });
            return Parse(document.RootElement, body[(jsonBytes ?? body.Length)..]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new WireFormatException($"the body is no JSON: {exception.Message}");
        }
    }

    /// <summary>The observations in it: one for each row of the batch.</summary>
    /// <exception cref="RefusedException">Something is missing or has another shape; the message names the input.</exception>
    public IReadOnlyList<DecodedObservation> Observations(PolicySignature signature, int most)
    {
        foreach (var name in Inputs.Keys)
            if (name is not (Instruction or State) && !signature.Cameras.Contains(name))
                throw new RefusedException(Refusal.Invalid,
                    $"there is no input '{name}'; there are: {string.Join(", ", signature.Cameras)}, {Instruction}, {State}");
        var texts = Inputs.GetValueOrDefault(Instruction)?.Texts
            ?? throw new RefusedException(Refusal.Invalid, $"there is no input '{Instruction}' of BYTES");
        var count = Math.Max(texts.Count, signature.Cameras.Max(c => Rows(Inputs.GetValueOrDefault(c), c)));
        if (count < 1 || count > most) throw new RefusedException(Refusal.Invalid, $"a request has 1 to {most} observations, not {count}");
        if (texts.Count != 1 && texts.Count != count)
            throw new RefusedException(Refusal.Invalid, $"there are {texts.Count} instructions for {count} observations");
        return [.. Enumerable.Range(0, count).Select(i => new DecodedObservation(
            [.. signature.Cameras.Select(c => KeyValuePair.Create(c, PictureAt(Inputs[c], i, count)))],
            StateAt(signature, i, count), texts[texts.Count == 1 ? 0 : i]))];
    }

    private static KServeRequest Parse(JsonElement root, ReadOnlyMemory<byte> binary)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("inputs", out var inputs)
            || inputs.ValueKind != JsonValueKind.Array
            || inputs.GetArrayLength() > MostInputs)
            throw new WireFormatException("the request has no 'inputs'");
        var tensors = new Dictionary<string, KServeTensor>();
        foreach (var input in inputs.EnumerateArray())
        {
            var tensor = KServeTensor.Parse(input, ref binary);
            if (!tensors.TryAdd(tensor.Name, tensor)) throw new WireFormatException($"the request has the input '{tensor.Name}' twice");
        }

        if (binary.Length > 0) throw new WireFormatException($"{binary.Length} bytes of the body belong to no input");
        var id = root.TryGetProperty("id", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        return new KServeRequest(id, tensors, WantsBinary(root), SequenceOf(root));
    }

    private static KServeSequence? SequenceOf(JsonElement root)
    {
        if (!root.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object
            || !parameters.TryGetProperty("sequence_id", out var id))
            return null;
        var name = id.ValueKind switch
        {
            JsonValueKind.String => id.GetString()!,
            JsonValueKind.Number when id.TryGetUInt64(out _) => id.GetRawText(),
            _ => throw new WireFormatException("'sequence_id' is neither a whole number nor text"),
        };
        if (name.Length > LongestSequence) throw new WireFormatException($"'sequence_id' has over {LongestSequence} characters");

        // As Triton has it: 0 and no text belong to no sequence.
        return name is "" or "0" ? null : new KServeSequence(name, Flag(root, "sequence_start"), Flag(root, "sequence_end"));
    }

    private static bool WantsBinary(JsonElement root)
    {
        if (!root.TryGetProperty("outputs", out var outputs)) return Flag(root, "binary_data_output");
        if (outputs.ValueKind != JsonValueKind.Array) throw new WireFormatException("'outputs' is no list");
        var binary = Flag(root, "binary_data_output");
        foreach (var output in outputs.EnumerateArray())
        {
            if (output.ValueKind != JsonValueKind.Object || !output.TryGetProperty("name", out var name)
                || name.ValueKind != JsonValueKind.String
                || name.GetString() != "action")
                throw new WireFormatException("there is only one output, 'action'");
            binary |= Flag(output, "binary_data");
        }

        return binary;
    }

    private static bool Flag(JsonElement element, string name) => element.TryGetProperty("parameters", out var parameters)
        && parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out var flag)
            && flag.ValueKind == JsonValueKind.True;

    private static int Rows(KServeTensor? tensor, string camera) => tensor switch
    {
        null => throw new RefusedException(Refusal.Invalid, $"there is no input '{camera}'"),
        { Numbers: { } numbers } => numbers.Shape.Count == 4 ? numbers.Shape[0] : 1,
        _ => tensor.Files!.Count,
    };

    private static PictureValue PictureAt(KServeTensor tensor, int row, int count)
    {
        if (Rows(tensor, tensor.Name) is var rows && rows != count)
            throw new RefusedException(Refusal.Invalid, $"the input '{tensor.Name}' has {rows} pictures, {count} are needed");
        if (tensor.Files is { } files) return PictureValue.Of(files[row], tensor.Name);
        var numbers = tensor.Numbers!;
        if (numbers.Shape.Count != 4) return PictureValue.Of(numbers, tensor.Name);
        var bytes = numbers.Data.Length / count;
        return PictureValue.Of(new NumpyArray(numbers.Type, [.. numbers.Shape.Skip(1)], numbers.Data.Slice(row * bytes, bytes)),
            tensor.Name);
    }

    private float[] StateAt(PolicySignature signature, int row, int count)
    {
        if (signature.States.Count == 0) return [];
        var state = Inputs.GetValueOrDefault(State)?.Numbers
            ?? throw new RefusedException(Refusal.Invalid, $"there is no input '{State}' of numbers");
        return state.Count == count * signature.States.Count
            ? state.ToSingles().AsSpan(row * signature.States.Count, signature.States.Count).ToArray()
            : throw new RefusedException(Refusal.Invalid,
                $"the input '{State}' has {state.Count} numbers; [{count}, {signature.States.Count}] is needed: {string.Join(", ", signature.States.Select(s => $"{s.Name} [{s.Unit}]"))}");
    }
}

/// <summary>The sequence of requests, here an episode, that a request belongs to, by the parameters of Triton's sequence
/// extension.</summary>
/// <param name="Name">The client's name for it.</param>
/// <param name="Starts">Whether this request begins it.</param>
/// <param name="Ends">Whether it ends with this request.</param>
internal sealed record KServeSequence(string Name, bool Starts, bool Ends);
