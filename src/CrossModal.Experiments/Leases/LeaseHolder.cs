using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossModal.Experiments.Leases;

/// <summary>Who holds a lease: the first line of its file.</summary>
/// <param name="Id">Differs from lease to lease.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="Process">Number of the process.</param>
/// <param name="Since">When it was taken by the holder's clock; shown to people and compared with nothing.</param>
internal sealed record LeaseHolder(string Id, string Host, int Process, DateTimeOffset Since)
{
    /// <summary>Where numbers of processes mean the same: one start of a machine, and one of its containers; null where that cannot be
    /// known.</summary>
    public string? Place { get; init; }

    /// <summary>When the process started, in ticks since the machine's start, as another may get its number.</summary>
    public long Start { get; init; }

    /// <summary>This process.</summary>
    public static LeaseHolder Here { get; } = new("", Environment.MachineName, Environment.ProcessId, default)
    {
        Place = PlaceHere(),
        Start = StartOf(Environment.ProcessId) ?? 0,
    };

    /// <summary>Whether the process is known to have ended: only where it ran beside this one.</summary>
    [JsonIgnore]
    public bool IsGone => Place is not null && Place == Here.Place && StartOf(Process) != Start;

    /// <summary>The line.</summary>
    public string Line() => JsonSerializer.Serialize(this, LeaseJson.Default.LeaseHolder) + "\n";

    /// <summary>Reads the line; null when it is none.</summary>
    public static LeaseHolder? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LeaseJson.Default.LeaseHolder);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? PlaceHere()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false) is { } space
                ? $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {space.Name}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>When a process started; null when there is none, or when it has ended and nobody has asked how.</summary>
    private static long? StartOf(int process)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            // The name in brackets may hold anything; the state follows it, and the start is the 20th number after it.
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>The first line of leases, generated at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(LeaseHolder))]
internal sealed partial class LeaseJson : JsonSerializerContext;
