using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Policies;

namespace CrossModal.Cli.Hosting;

/// <summary>What decides the weights of a run: the command, its settings, the words and units of its policy, and a digest of each recorded
/// episode.</summary>
/// <param name="command">The word after <c>crossmodal</c>.</param>
internal sealed partial class RunDescription(string command)
{
    /// <summary>Whether the run consists of cells each of which says what made it, so that cells that lie in the folder already may
    /// stay.</summary>
    public bool HasCells { get; init; }

    private const string Format = "crossmodal-run/1";
    private const string None = "none";
    private const int MostNamed = 5;
    private const int LongestValue = 60;
    private const long LongestFile = 64 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = RunDescriptionJson.Default,
    };

    private static JsonTypeInfo<Content> Form => (JsonTypeInfo<Content>)Json.GetTypeInfo(typeof(Content));

    private readonly OrderedDictionary<string, string> _settings = [];
    private readonly OrderedDictionary<string, string> _episodes = [];

    /// <summary>The word after <c>crossmodal</c>.</summary>
    public string Command => command;

    /// <summary>Adds or replaces a setting.</summary>
    public void Set(string name, string value) => _settings[name] = value;

    /// <summary>Adds every value of a JSON object by its path: <c>recipe.steps</c>.</summary>
    public void Set(JsonNode node) => Flatten("", node);

    /// <summary>Adds the words of a policy and the units of its numbers.</summary>
    public void Set(TrainedPolicy policy)
    {
        var digest = Digest(policy.Tokenizer.Words.Select(w => w + "\n").SelectMany(Encoding.UTF8.GetBytes).ToArray());
        Set("words", $"{policy.Tokenizer.Words.Count} ({digest})");
        if (policy.Tokenizer.Encoder is Encoders.TextEncoder text)
            Set("text encoder", $"{text.Folder.Sha256}{(text.Tuned ? ", tuned" : "")}");
        Set("normalisation of actions", Text(policy.Actions));
        Set("normalisation of states", policy.States is { } states ? Text(states) : None);
    }

    /// <summary>Adds the digest of a recorded episode.</summary>
    public void SetEpisode(string name, string digest) => _episodes[name] = digest;

    /// <summary>The first 16 hexadecimal digits of SHA-256.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes)[..8]);

    /// <summary>What differs from an earlier run, each as <c>name old -> new</c>; nothing when the runs are the same.</summary>
    public IReadOnlyList<string> Differences(RunDescription earlier)
    {
        // Another command has other settings altogether.
        if (earlier.Command != Command) return [$"command {earlier.Command} -> {Command}"];
        var found = new List<string>();
        foreach (var name in earlier._settings.Keys.Union(_settings.Keys))
        {
            var (old, now) = (earlier._settings.GetValueOrDefault(name, None), _settings.GetValueOrDefault(name, None));
            if (old != now) found.Add($"{name} {Short(old)} -> {Short(now)}");
        }

        var episodes = earlier._episodes.Keys.Union(_episodes.Keys)
            .Where(name => earlier._episodes.GetValueOrDefault(name) != _episodes.GetValueOrDefault(name))
            .GroupBy(name => !earlier._episodes.ContainsKey(name) ? "new" : _episodes.ContainsKey(name) ? "of other content" : "gone")
                .Select(kind => $"{Named([.. kind], ", ")} {kind.Key}").ToArray();
        if (episodes.Length > 0) found.Insert(0, $"recordings: {string.Join(", ", episodes)}");
        return found;
    }

    /// <summary>The first differences in a line, and the number of those left out.</summary>
    public static string Named(IReadOnlyCollection<string> differences, string between = "; ") =>
        string.Join(between, differences.Take(MostNamed))
            + (differences.Count > MostNamed ? $" and {differences.Count - MostNamed} more" : "");

    /// <summary>Reads a description.</summary>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public static RunDescription Read(string path)
    {
        if (new FileInfo(path).Length > LongestFile) throw new FileFormatException(path, "is larger than 64 MB");
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), Form);
            if (file is null || file.Format != Format) throw new FileFormatException(path, $"is not of the format '{Format}'");
            var description = new RunDescription(file.Command);
            foreach (var (name, value) in file.Settings) description.Set(name, value);
            foreach (var (name, value) in file.Episodes) description.SetEpisode(name, value);
            return description;
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, "does not describe a run", error);
        }
    }

    /// <summary>Writes the description; the file is written beside and renamed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, Write);

    /// <summary>Writes the description where there is none yet.</summary>
    /// <returns>Whether this call wrote it.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public bool WriteNew(string path) => AtomicFile.WriteNew(path, Write);

    private void Write(Stream stream) =>
        JsonSerializer.Serialize(stream, new Content(Format, Command, Tool.Version, new(_settings), new(_episodes)), Form);

    private void Flatten(string path, JsonNode? node)
    {
        if (node is JsonObject properties)
            foreach (var (name, value) in properties) Flatten(path.Length == 0 ? name : $"{path}.{name}", value);
        else Set(path, node is JsonArray list ? string.Join(' ', list.Select(item => $"{item}")) : node?.ToString() ?? None);
    }

    private static string Text(Normalization normalization) => string.Create(CultureInfo.InvariantCulture,
        $"of {normalization.Mean.Length} numbers ({Digest(MemoryMarshal.AsBytes([.. normalization.Mean, .. normalization.Deviation]))})");

    private static string Short(string value) =>
        value.Length == 0 ? "''" : value.Length <= LongestValue ? value : $"{value[..LongestValue]}…";

    private sealed record Content(string Format, string Command, string Version, Dictionary<string, string> Settings,
        Dictionary<string, string> Episodes);

    [JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
    [JsonSerializable(typeof(Content))]
    private sealed partial class RunDescriptionJson : JsonSerializerContext;
}
