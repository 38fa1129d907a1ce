using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Publish.Monitoring.Detectors;

namespace CrossModal.Publish.Monitoring;

/// <summary>One setting of a published detector on one policy.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Setting">The setting.</param>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Area">Area on unseen tasks at half of the limit, mean over tasks; one seed.</param>
internal sealed record SettingArea(string Detector, string Setting, string Policy, double Area);

/// <summary>Which settings the published detectors do best with, by the measure that the monitor's inputs and network were chosen
/// by.</summary>
internal static class SettingsStudy
{
    /// <summary>The name of the file, beside the cells.</summary>
    public const string FileName = "settings.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Measures the settings that a file lacks, and keeps each.</summary>
    /// <param name="study">The policy's recorded episodes.</param>
    /// <param name="policy">Its name.</param>
    /// <param name="width">d.</param>
    /// <param name="folder">The folder of the file.</param>
    /// <param name="said">Told what is under way.</param>
    /// <param name="stop">Asks to stop.</param>
    public static void Run(MonitorStudy study, string policy, int width, string folder, Action<string> said, CancellationToken stop)
    {
        var measured = Read(folder).ToList();
        foreach (var (setting, make) in Candidates(width))
        {
            stop.ThrowIfCancellationRequested();
            var detector = make().Name;
            if (measured.Any(m => m.Detector == detector && m.Setting == setting && m.Policy == policy)) continue;
            said($"{policy}: {detector}, {setting}");
            measured.Add(new SettingArea(detector, setting, policy, Math.Round(study.UnseenArea(make), 4)));
            AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, measured, Json));
        }
    }

    /// <summary>What a folder holds; nothing where there is no file.</summary>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public static IReadOnlyList<SettingArea> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return [];
        try
        {
            return JsonSerializer.Deserialize<List<SettingArea>>(JsonFile.Read(path), Json) ?? [];
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }

    /// <summary>The setting of each detector that is used, by the detector's name.</summary>
    public static IReadOnlyDictionary<string, string> Used { get; } = new Dictionary<string, string>
    {
        [new SafeMlp(1).Name] = SafeMlp.Used.ToString(),
        [new SafeLstm(1).Name] = SafeLstm.Used.ToString(),
        [new NearestFeatures(1).Name] = Neighbours(NearestFeatures.Used),
    };

    private static IEnumerable<(string Setting, Func<IDetector> Make)> Candidates(int width) =>
    [
        .. DetectorSettings.Published.Select(s => (s.ToString(), (Func<IDetector>)(() => new SafeMlp(width, s)))),
        .. DetectorSettings.Published.Select(s => (s.ToString(), (Func<IDetector>)(() => new SafeLstm(width, s)))),
        .. new[] { 1, 5, 20, 100 }.Select(k => (Neighbours(k), (Func<IDetector>)(() => new NearestFeatures(width, k)))),
    ];

    private static string Neighbours(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} nearest");
}
