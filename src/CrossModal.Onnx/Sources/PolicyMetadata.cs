using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Language;
using CrossModal.Policies;
using TextEncoder = CrossModal.Encoders.TextEncoder;

namespace CrossModal.Onnx;

/// <summary>What a model of a policy says of itself: how pictures, words and states are prepared, and what its numbers are.</summary>
internal static class PolicyMetadata
{
    /// <summary>Name of the input that says which earlier pictures there are.</summary>
    public const string PastMask = "past_mask";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The texts, by key.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="pictures">Names of the picture inputs, camera by camera.</param>
    /// <param name="past">Names of the inputs of earlier pictures, camera by camera; not stated of a policy without.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(TrainedPolicy trained, IReadOnlyList<string> pictures,
        IReadOnlyList<string> past)
    {
        var (options, signature) = (trained.Policy.Options, trained.Signature);
        yield return new("crossmodal.kind", "policy");
        yield return new("crossmodal.strategy", options.Strategy);
        yield return new("crossmodal.source", trained.Source);
        var cameras = pictures.Select((name, i) => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(signature.Cameras[i])));
        yield return new("crossmodal.cameras", Text(new JsonObject(cameras)));
        yield return new("crossmodal.picture.size", $"{trained.Vision?.ImageSize ?? options.ImageSize}");
        foreach (var said in trained.Vision is { } vision ? OfFeatures(vision) : OfPixels) yield return said;
        yield return new("crossmodal.picture.letterbox",
            "scaled by size / max(width, height), sides rounded to whole pixels (halves to even), bilinear with antialiasing as Pillow's "
            + "Image.resize(BILINEAR), rounded to bytes, centred (offset = (size - side) / 2, rounded down) on black");
        if (options.Perception.PastFrames > 0)
            foreach (var said in OfPast(options.Perception.PastFrames, pictures, past)) yield return said;
        foreach (var said in trained.Tokenizer.Encoder is TextEncoder text ? OfStates(text) : OfNumbers(trained.Tokenizer))
            yield return said;
        yield return new("crossmodal.words.most", $"{options.MaxWords}");
        yield return new("crossmodal.mask", "true = real word");
        var grid = trained.Policy.Grid;
        yield return new("crossmodal.patches", Text(new JsonObject { ["rows"] = grid.Rows, ["columns"] = grid.Columns }));
        yield return new("crossmodal.proprioception", Text(Quantities(signature.States, trained.States)));
        yield return new("crossmodal.action", Text(Quantities([.. signature.Actions.Take(options.Actions)], trained.Actions)));
        if (options.Head.Points == 0) yield break;
        yield return new("crossmodal.gripper", "logit; above 0 the gripper closes");
        yield return new("crossmodal.points",
            $"{options.Head.Points} points of x, y, z in the unit of the first three numbers of proprioception: the thing meant first");
    }

    private static IEnumerable<KeyValuePair<string, string>> OfPixels { get; } =
        [new("crossmodal.picture.layout", "RGB planes [3, height, width], float32, bytes / 255; no further mean or deviation")];

    private static IEnumerable<KeyValuePair<string, string>> OfPast(int frames, IReadOnlyList<string> pictures,
        IReadOnlyList<string> past) =>
    [
        new("crossmodal.past.frames", $"{frames}"),
        new("crossmodal.past.inputs",
            Text(new JsonObject(past.Select((name, i) => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(pictures[i])))))),
        new("crossmodal.past.order",
            "what the picture inputs were at the control steps before, the step before first; the same preparation as theirs"),
        new($"crossmodal.{PastMask}",
            "true = there is such a frame; at the first step of an episode all false, at the next the first true, and so on; the " +
                "pictures of "
            + "frames that are not there change nothing, zeros for instance"),
    ];

    private static IEnumerable<KeyValuePair<string, string>> OfFeatures(VisionEncoder vision) =>
    [
        new("crossmodal.picture.layout",
            "the inputs are the encoder's features [patches, e], row by row of the picture; it is given planes [3, size, size], float32, "
            + "(bytes / 255 - mean) / deviation, in the order of its channels"),
        new("crossmodal.picture.encoder", Text(new JsonObject
        {
            ["sha256"] = vision.Folder.Sha256,
            ["output"] = vision.Output,
            ["mean"] = Array(vision.Norm.Mean),
            ["deviation"] = Array(vision.Norm.Deviation),
            ["channels"] = vision.Norm.BlueFirst ? "bgr" : "rgb",
        })),
    ];

    private static IEnumerable<KeyValuePair<string, string>> OfNumbers(WordTokenizer tokenizer) =>
    [
        new("crossmodal.words.vocabulary", Text(new JsonArray([.. tokenizer.Words.Select(word => (JsonNode?)JsonValue.Create(word))]))),
        new("crossmodal.words.numbers", "0 is padding (mask false), 1 an unknown word, 2 + i word i of the vocabulary"),
        new("crossmodal.words.cut", $"lower case; {tokenizer.Breaks}"),
    ];

    private static IEnumerable<KeyValuePair<string, string>> OfStates(TextEncoder encoder) =>
    [
        new("crossmodal.words.encoder", Text(new JsonObject
        {
            ["sha256"] = encoder.Folder.Sha256, ["width"] = encoder.Width, ["tuned"] = encoder.Tuned,
        })),
        new("crossmodal.words.states",
            "the encoder's last hidden states [words, e] of the whole text, one a word: the mean over the word's "
            + "pieces; those of what begins and ends a text are left out; zeros for padding (mask false)"),
        new("crossmodal.words.cut", "by the encoder's tokenizer, before words are cut into pieces"),
    ];

    private static JsonArray Quantities(IReadOnlyList<Quantity> quantities, Normalization? normalization) =>
        [.. quantities.Select((quantity, i) => (JsonNode)Quantity(quantity, normalization!.Mean[i], normalization.Deviation[i]))];

    private static JsonObject Quantity(Quantity quantity, float mean, float deviation) => new()
    {
        ["name"] = quantity.Name,
        ["unit"] = quantity.Unit,
        ["mean"] = mean,
        ["deviation"] = deviation,
        ["least"] = Number(quantity.Least),
        ["most"] = Number(quantity.Most),
    };

    private static JsonValue? Number(float? value) => value is { } given ? JsonValue.Create(given) : null;

    private static JsonArray Array(IEnumerable<float> numbers) => [.. numbers.Select(number => (JsonNode?)JsonValue.Create(number))];

    private static string Text(JsonNode node) => node.ToJsonString(Plain);
}
