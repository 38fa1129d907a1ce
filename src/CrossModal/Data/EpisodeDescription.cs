using System.Globalization;
using System.Text;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Data;

/// <summary>What <c>episode.json</c> says: the instruction; where pictures were taken at another rate than actions, both rates; names and
/// units of actions and states.</summary>
/// <param name="Instruction">The instruction.</param>
/// <param name="Rates">Pictures and actions a second, in Hz; null when there is one picture an action.</param>
internal sealed record EpisodeDescription(string Instruction, (double Pictures, double Actions)? Rates)
{
    /// <summary>Names and units of the numbers of an action; null when the file does not say.</summary>
    public IReadOnlyList<Quantity>? Actions { get; private init; }

    /// <summary>Names and units of the numbers of a state; null when the file does not say.</summary>
    public IReadOnlyList<Quantity>? States { get; private init; }

    /// <summary>Steps a second, in Hz, where every action has its picture; null when the file does not say.</summary>
    public double? Rate { get; private init; }

    private const long LongestFile = 1 << 20;
    private const string PictureRate = "picture_rate";
    private const string ActionRate = "action_rate";
    private const string StepRate = "rate_hz";

    // A time computed from two rates may fall short of a picture's by rounding.
    private const double Rounding = 1e-6;

    /// <summary>The number of the newest picture at the time of an action: no action is given a picture that was taken after it.</summary>
    public int PictureOf(int action) => Rates is { } rates ? (int)Math.Floor(
        Math.Min(int.MaxValue / 2, action * rates.Pictures / rates.Actions + Rounding)) : action;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">It is missing, no JSON, has no instruction, or rates that are none.</exception>
    public static EpisodeDescription Read(string path)
    {
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        if (new FileInfo(path).Length > LongestFile) throw new FileFormatException(path, "is larger than 1 MB");
        try
        {
            using var json = JsonDocument.Parse(JsonFile.Read(path));
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("instruction", out var instruction)
                && instruction.ValueKind == JsonValueKind.String && instruction.GetString() is { } text
                    && text.EnumerateRunes().Any(Rune.IsLetterOrDigit))
                return new EpisodeDescription(text, RatesOf(json.RootElement, path))
                {
                    Actions = Quantities(json.RootElement, "actions", path),
                    States = Quantities(json.RootElement, "states", path),
                    Rate = RateOf(json.RootElement, StepRate, path),
                };
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, Failure.Reason(error), error);
        }
        catch (InvalidOperationException error)
        {
            // Text that is not Unicode is reported as an invalid operation, when it is taken out.
            throw new FileFormatException(path, "holds a text that is not Unicode", error);
        }

        throw new FileFormatException(path, "has no text called \"instruction\"");
    }

    /// <summary>A list of objects with a <c>name</c> and a <c>unit</c>.</summary>
    private static Quantity[]? Quantities(JsonElement root, string key, string path)
    {
        if (!root.TryGetProperty(key, out var list) || list.ValueKind == JsonValueKind.Null) return null;
        if (list.ValueKind != JsonValueKind.Array) throw Wrong();
        var quantities = list.EnumerateArray().Select(q => new Quantity(Text(q, "name"), Text(q, "unit"))).ToArray();
        return quantities.Select(q => q.Name).Distinct().Count() == quantities.Length ? quantities
            : throw new FileFormatException(path, $"\"{key}\" has a name twice");

        string Text(JsonElement quantity, string name) =>
            quantity.ValueKind == JsonValueKind.Object && quantity.TryGetProperty(name, out var value)
                && value.ValueKind == JsonValueKind.String && value.GetString() is { } text
                && !string.IsNullOrWhiteSpace(text) ? text : throw Wrong();

        FileFormatException Wrong() => new(path, $"\"{key}\" is not a list such as [{{\"name\": \"dx\", \"unit\": \"m\"}}, …]");
    }

    private static (double, double)? RatesOf(JsonElement root, string path)
    {
        var (pictures, actions) = (RateOf(root, PictureRate, path), RateOf(root, ActionRate, path));
        if (pictures is null != actions is null)
            throw new FileFormatException(path,
                $"has \"{(pictures is null ? ActionRate : PictureRate)}\" without \"{(pictures is null ? PictureRate : ActionRate)}\": give both or neither");
        return pictures is { } p && actions is { } a ? (p, a) : null;
    }

    private static double? RateOf(JsonElement root, string name, string path)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var rate) && rate > 0 && double.IsFinite(rate)
            ? rate
            : throw new FileFormatException(path, string.Create(CultureInfo.InvariantCulture, $"\"{name}\" is not a number of Hz above 0"));
    }
}
