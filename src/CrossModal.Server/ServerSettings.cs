using System.Globalization;
using System.Net;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Server;

/// <summary>Options of a server from a file, the environment and the command line, each by the same names; the later wins.</summary>
/// <remarks>A file is JSON: <c>{ "policies": { "demo": "runs/demo" }, "port": 8000, "keys": "keys.txt" }</c>. A variable of the environment
/// is the name in capitals with <c>CROSSMODAL_SERVE_</c> before it.</remarks>
internal static class ServerSettings
{
    /// <summary>What the environment's variables begin with.</summary>
    public const string Prefix = "CROSSMODAL_SERVE_";

    private const string Policies = "policies";

    private static readonly Dictionary<string, Func<ServerOptions, string, ServerOptions>> Settings = new(StringComparer.Ordinal)
    {
        ["listen"] = (o, v) => o with
        {
            Listen = o.Listen with
            {
                Address = v == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(v, out var a) ? a
            : throw Wrong("an address")
            }
        },
        ["port"] = (o, v) => o with { Listen = o.Listen with { Port = Whole(v, 0, ushort.MaxValue) } },
        ["keys"] = (o, v) => o with { Listen = o.Listen with { KeysFile = v } },
        ["certificate"] = (o, v) => o with { Listen = o.Listen with { CertificateFile = v } },
        ["certificate-key"] = (o, v) => o with { Listen = o.Listen with { CertificateKeyFile = v } },
        ["client"] = (o, v) => o with { Mapping = v },
        ["clip"] = (o, v) => o with { Clip = Flag(v) },
        ["threads"] = (o, v) => o with { Threads = Whole(v, 1, 1024) },
        ["log"] = (o, v) => o with { JsonLog = v == "json" || (v == "text" ? false : throw Wrong("text or json")) },
        ["compression"] = (o, v) => o with { Listen = o.Listen with { Compression = Flag(v) } },
        ["monitor"] = (o, v) => o with { Monitor = Flag(v) },
        ["batch"] = (o, v) => o with { Limits = o.Limits with { Batch = Whole(v, 1, 1024) } },
        ["waiting"] = (o, v) => o with { Limits = o.Limits with { Waiting = Whole(v, 1, 1 << 20) } },
        ["longest-wait-ms"] = (o, v) => o with { Limits = o.Limits with { LongestWait = TimeSpan.FromMilliseconds(Whole(v, 1, 600_000)) } },
        ["largest-message"] = (o, v) => o with { Limits = o.Limits with { LargestMessage = Whole(v, 1024, 1 << 30) } },
        ["connections"] = (o, v) => o with { Limits = o.Limits with { Connections = Whole(v, 1, 1 << 20) } },
        ["requests-per-second"] = (o, v) => o with { Limits = o.Limits with { RequestsPerSecond = Whole(v, 1, 1 << 20) } },
        ["action-margin"] = (o, v) => o with { Limits = o.Limits with { ActionMargin = Number(v) } },
    };

    /// <summary>The names of settings.</summary>
    public static IReadOnlyCollection<string> Names => Settings.Keys;

    /// <summary>Changes options by settings.</summary>
    /// <param name="options">The options.</param>
    /// <param name="settings">Names and values.</param>
    /// <param name="where">Where they come from, for messages.</param>
    /// <exception cref="ArgumentException">There is no such setting, or a value does not suit it.</exception>
    public static ServerOptions Apply(ServerOptions options, IEnumerable<KeyValuePair<string, string>> settings, string where)
    {
        foreach (var (name, value) in settings)
        {
            if (!Settings.TryGetValue(name, out var set))
                throw new ArgumentException($"{where}: there is no setting '{name}'; there are: {Policies}, {string.Join(", ", Names)}");
            try
            {
                options = set(options, value);
            }
            catch (FormatException exception)
            {
                throw new ArgumentException($"{where}: {name} is '{value}', {exception.Message} is needed");
            }
        }

        return options;
    }

    /// <summary>Changes options by the environment.</summary>
    /// <param name="options">The options.</param>
    /// <param name="variables">All variables.</param>
    /// <exception cref="ArgumentException">There is no such setting, or a value does not suit it.</exception>
    public static ServerOptions OfEnvironment(ServerOptions options, IEnumerable<KeyValuePair<string, string>> variables) =>
        Apply(options, variables.Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(v =>
            KeyValuePair.Create(v.Key[Prefix.Length..].ToLowerInvariant().Replace('_', '-'), v.Value)), "the environment");

    /// <summary>Changes options by a file.</summary>
    /// <exception cref="FileFormatException">It is no JSON object of settings.</exception>
    /// <exception cref="ArgumentException">There is no such setting, or a value does not suit it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ServerOptions OfFile(ServerOptions options, string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new FileFormatException(path, "is no JSON object");
            var settings = new List<KeyValuePair<string, string>>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == Policies) options = options with { Policies = PoliciesOf(property.Value, path) };
                else settings.Add(new(property.Name, Text(property, path)));
            }

            return Apply(options, settings, path);
        }
        catch (JsonException exception)
        {
            throw new FileFormatException(path, $"is no JSON: line {exception.LineNumber + 1}");
        }
    }

    private static KeyValuePair<string, string>[] PoliciesOf(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!))]
            : throw new FileFormatException(path, $"'{Policies}' is no object of names and folders");

    private static string Text(JsonProperty property, string path) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => property.Value.GetRawText(),
        _ => throw new FileFormatException(path, $"'{property.Name}' is neither text nor a number"),
    };

    private static int Whole(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value : throw Wrong($"a whole number from {least} to {most}");

    private static double Number(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= 0 && double.IsFinite(value)
            ? value : throw Wrong("a number from 0");

    private static bool Flag(string text) => text is "true" or "1" || (text is "false" or "0" ? false : throw Wrong("true or false"));

    private static FormatException Wrong(string needed) => new(needed);
}
