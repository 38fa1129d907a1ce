using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Attention;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Training;

namespace CrossModal.Policies;

/// <summary>Saves and loads a trained policy as a folder of <c>policy.json</c> and <c>model.safetensors</c>, with the files of pretrained
/// encoders in folders of their own.</summary>
public static class PolicyFolder
{
    private const string Format = "crossmodal-policy/2";
    private const string FormatWithoutUnits = "crossmodal-policy/1";
    private const string DescriptionFile = "policy.json";
    private const string WeightsFile = "model.safetensors";

    /// <summary>The folder of a pretrained text encoder's files.</summary>
    internal const string TextEncoderFolder = "text_encoder";

    /// <summary>The folder of a frozen vision encoder's files.</summary>
    internal const string VisionEncoderFolder = "vision_encoder";

    private const long LongestDescription = 16 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { InWords<VisualPositions>(), InWords<TokenReduction>(), InWords<AttentionKind>(), InWords<WordBreaks>() },
        TypeInfoResolver = PolicyJson.Default.WithAddedModifier(InitialValues.Keep),
    };

    private static JsonTypeInfo<PolicyDescription> Form => (JsonTypeInfo<PolicyDescription>)Json.GetTypeInfo(typeof(PolicyDescription));

    /// <summary>Writes the policy; each file is written beside and renamed.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Save(string folder, TrainedPolicy trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        var description = new PolicyDescription(Format, trained.Source, trained.Policy.Options, trained.Tokenizer.Words, trained.Actions,
            trained.States, trained.Signature, trained.Tokenizer.Breaks)
        {
            TextEncoder = trained.Tokenizer.Encoder is TextEncoder text ? new UsedTextEncoder(text.Folder.Sha256, text.Tuned) : null,
            VisionEncoder = trained.Vision is { } vision
                ? new UsedVisionEncoder(vision.Folder.Sha256, Path.GetFileName(vision.Folder.Files[0]), vision.Output, vision.ImageSize,
                    vision.Norm)
                : null,
        };
        trained.Vision?.Folder.CopyTo(Path.Combine(folder, VisionEncoderFolder));
        (trained.Tokenizer.Encoder as TextEncoder)?.Folder.CopyTo(Path.Combine(folder, TextEncoderFolder));
        ModelFile.Save(Path.Combine(folder, WeightsFile), trained.Policy);
        AtomicFile.Write(Path.Combine(folder, DescriptionFile), stream => JsonSerializer.Serialize(stream, description, Form));
    }

    /// <summary>Reads a policy.</summary>
    /// <param name="path">The folder, or a file in it.</param>
    /// <exception cref="FileFormatException">A file is missing or damaged, or the weights do not belong to the description; the message
    /// names the file.</exception>
    public static TrainedPolicy Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var (descriptionPath, weightsPath) = (Path.Combine(Folder(path), DescriptionFile), WeightsPath(path));
        var description = Describe(descriptionPath);
        try
        {
            var text = Text(path, description.TextEncoder);
            var tokenizer = text is null ? new WordTokenizer(description.Words, description.WordBreaks) : new WordTokenizer(text);
            if (description.Options.TextWidth != (text?.Width ?? 0))
                throw new ShapeException("textWidth",
                    $"the options say {description.Options.TextWidth}, the text encoder's states have {text?.Width ?? 0}");
            if (tokenizer.Count != description.Options.Words)
                throw new ShapeException("words", $"{tokenizer.Count} word numbers, the options say {description.Options.Words}");
            if (description.Actions.Mean.Length != description.Options.Actions
                || description.Actions.Deviation.Length != description.Options.Actions)
                throw new ShapeException("actions", $"the normalisation does not fit {description.Options.Actions} dimensions");
            var states = description.States;
            if (states is not null && (states.Mean.Length != description.Options.Proprioception
                || states.Deviation.Length != states.Mean.Length))
                throw new ShapeException("states",
                    $"the normalisation does not fit {description.Options.Proprioception} numbers of proprioception");
            if (states is null && description.Options.Proprioception > 0)
                throw new ShapeException("states", "the normalisation is missing");
            CheckNumbers("actions", description.Actions);
            CheckNumbers("states", states);
            description.Signature!.Check(description.Options);
            CheckSizes(description.Options, weightsPath);
            var vision = Vision(path, description.VisionEncoder);
            if (description.Options.VisionWidth != (vision?.Width ?? 0) || description.Options.VisionGrid != vision?.Grid)
                throw new ShapeException("visionWidth", "the options do not fit the vision encoder's features");
            var policy = new LanguagePolicy(description.Options, RandomSource.None, text is { Tuned: true } ? text.Model : null);
            ModelFile.Load(weightsPath, policy);
            return new TrainedPolicy(policy, tokenizer, description.Actions, states, description.Source)
            {
                Location = weightsPath,
                Vision = vision,
                Signature = description.Signature!
            };
        }
        catch (ArgumentException error)
        {
            throw new FileFormatException(descriptionPath, Failure.Reason(error), error);
        }
    }

    /// <summary>Whether a path is the folder of a policy, or one of the two files in it.</summary>
    /// <param name="path">Any path; a folder that lacks its files is one too, and <see cref="Load"/> names what is missing.</param>
    public static bool Holds(string path) => Directory.Exists(path)
        || Path.GetFileName(path) is DescriptionFile or WeightsFile && File.Exists(path)
            && File.Exists(Path.Combine(Folder(path), DescriptionFile));

    /// <summary>Whether a path is a policy's folder, or a file in one.</summary>
    internal static bool IsPolicy(string path) => File.Exists(Path.Combine(Folder(path), DescriptionFile));

    /// <summary>The file of a policy's weights.</summary>
    /// <param name="path">The policy's folder, or a file in it.</param>
    public static string WeightsPath(string path) => Path.Combine(Folder(path), WeightsFile);

    /// <summary>The file of a policy's description.</summary>
    /// <param name="path">The policy's folder, or a file in it.</param>
    public static string DescriptionPath(string path) => Path.Combine(Folder(path), DescriptionFile);

    private static string Folder(string path) => File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;

    private static TextEncoder? Text(string path, UsedTextEncoder? used)
    {
        if (used is null) return null;
        var folder = Path.Combine(Folder(path), TextEncoderFolder);
        var encoder = TextEncoder.Load(folder, used.Tuned);
        encoder.Folder.Require(folder, used.Sha256);
        return encoder;
    }

    private static VisionEncoder? Vision(string path, UsedVisionEncoder? used)
    {
        if (used is null) return null;
        var folder = Path.Combine(Folder(path), VisionEncoderFolder);
        var file = Path.Combine(folder, Path.GetFileName(used.File));
        var encoder = VisionEncoder.Load(new PretrainedEncoders
        {
            Vision = !file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? folder : used.Output is null ? file
                : $"{file}:{used.Output}",
            ImageSize = used.ImageSize,
            Mean = used.Norm.Mean,
            Deviation = used.Norm.Deviation,
            BlueFirst = used.Norm.BlueFirst,
        });
        encoder.Folder.Require(folder, used.Sha256);
        return encoder;
    }

    private static void CheckSizes(PolicyOptions options, string weightsPath)
    {
        if (!File.Exists(weightsPath)) throw new FileFormatException(weightsPath, "is missing");

        // The weights' file is read first: one that was cut off says so, and is not taken for one that does not fit the description.
        using var weights = SafeTensors.Open(weightsPath);
        PolicySizes.Check(options, weights.Names.Sum(name => (long)weights.ShapeOf(name).Length));
    }

    private static void CheckNumbers(string name, Normalization? normalization)
    {
        if (normalization is null || normalization.Mean.All(float.IsFinite) && normalization.Deviation.All(d => float.IsFinite(d) && d > 0))
            return;
        throw new ShapeException(name, "is not a normalisation: means must be finite, deviations finite and above 0");
    }

    private static JsonStringEnumConverter<T> InWords<T>()
        where T : struct, Enum => new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

    private static PolicyDescription Describe(string path)
    {
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        if (new FileInfo(path).Length > LongestDescription) throw new FileFormatException(path, "is larger than 16 MB");
        try
        {
            var description = JsonSerializer.Deserialize(JsonFile.Read(path), Form)
                ?? throw new FileFormatException(path, "holds nothing");
            if (description.Format == FormatWithoutUnits)
                throw new FileFormatException(path,
                    "was saved by an earlier version, which stored no names and units of actions and states: train the policy again");
            if (description.Format != Format)
                throw new FileFormatException(path, $"has the format '{description.Format}', expected '{Format}'");
            return description.Signature is null ? throw new FileFormatException(path,
                "has no signature: names and units of actions and states") : description;
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is not a policy: {Failure.Reason(error)}", error);
        }
    }
}
