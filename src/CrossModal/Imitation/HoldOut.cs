using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Data;
using CrossModal.Engine.Formats;

namespace CrossModal.Imitation;

/// <summary>
/// Which episodes are held out: those whose hash lies below a bound. The hash is of the episode's own name and instruction, so that no
/// episode's side depends on which others there are, and those of every instruction fall to both sides, in whatever order they were
/// recorded.
/// </summary>
/// <param name="Rule">How the hash is made; <see cref="NameAndInstruction"/> is the only one.</param>
/// <param name="Below">The bound, from 0 to 1: the share of episodes that are held out of many.</param>
internal sealed record HoldOut(string Rule, double Below)
{
    /// <summary>The first eight bytes, big-endian, of SHA-256 of the name, a line feed and the instruction (UTF-8), over 2^64.</summary>
    public const string NameAndInstruction = "sha256(name, instruction)";

    /// <summary>Name of the rule's file in a run's folder.</summary>
    public const string FileName = "holdout.json";

    private const double Share = 0.2;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = ImitationJson.Default,
    };

    private static JsonTypeInfo<HoldOut> Form => (JsonTypeInfo<HoldOut>)Json.GetTypeInfo(typeof(HoldOut));

    /// <summary>The rule for recordings: a fifth of many is held out, and of few at least one, but never all.</summary>
    /// <exception cref="ArgumentException">There are fewer than two episodes of different names.</exception>
    public static HoldOut Of(IReadOnlyList<Episode> episodes)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        double[] hashes = [.. episodes.Select(Hash).Distinct().Order()];
        if (hashes.Length < 2)
            throw new ArgumentException("HoldOut: at least two episodes are needed, one of which is held out", nameof(episodes));

        return new HoldOut(NameAndInstruction, Math.Clamp(Share, Math.BitIncrement(hashes[0]), hashes[^1]));
    }

    /// <summary>Whether an episode is held out.</summary>
    public bool Holds(Episode episode) => Hash(episode) < Below;

    /// <summary>Writes the rule into a run's folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
        JsonSerializer.Serialize(stream, this, Form));

    /// <summary>Reads the rule of a run's folder; null where there is none.</summary>
    /// <param name="place">The folder, or a file in it.</param>
    /// <exception cref="FileFormatException">The file is damaged, or of a rule that is not known.</exception>
    public static HoldOut? Find(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var path = Path.Combine(File.Exists(place) ? Path.GetDirectoryName(Path.GetFullPath(place))! : place, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            var rule = JsonSerializer.Deserialize(JsonFile.Read(path), Form)
                ?? throw new FileFormatException(path, "holds nothing");
            if (rule.Rule != NameAndInstruction)
                throw new FileFormatException(path,
                $"has the rule {FileFormatException.Quote(rule.Rule)}, expected '{NameAndInstruction}'");
            return rule.Below is > 0 and <= 1 ? rule : throw new FileFormatException(path, "'below' is not above 0 and at most 1");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is not a rule of held-out episodes: {Failure.Reason(error)}", error);
        }
    }

    private static double Hash(Episode episode)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{episode.Name}\n{episode.Instruction}"));
        return BinaryPrimitives.ReadUInt64BigEndian(hash) / (double)ulong.MaxValue;
    }
}
