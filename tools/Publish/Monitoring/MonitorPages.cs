using System.Text;
using CrossModal.Engine.Formats;
using CrossModal.Reports;

namespace CrossModal.Publish.Monitoring;

/// <summary>Fills the pages on the monitor and draws their chart.</summary>
internal static class MonitorPages
{
    /// <summary>The pages, below the folder of documents.</summary>
    public static IReadOnlyList<string> Names { get; } = ["monitor.md", "monitor.zh-CN.md"];

    private const string Chart = "images/monitor.svg";
    private const string ChineseChart = "images/monitor.zh-CN.svg";

    private static readonly Dictionary<string, string> Chinese = new()
    {
        ["monitor"] = "监测器",
        ["monitor, effect at every step"] = "监测器，每步都算反事实影响",
        ["monitor, effect at every 8th step"] = "监测器，每 8 步算一次反事实影响",
        ["monitor, effect at the first step alone"] = "监测器，只在第一步算反事实影响",
        ["monitor without the effect"] = "监测器，不用反事实影响",
        ["monitor + the step's own numbers"] = "监测器 + 该步的原始数值",
        ["cosine k-NN"] = "余弦 k-NN",
        ["direction reversal"] = "方向反转",
        ["counterfactual effect alone"] = "只看反事实影响",
        ["length only"] = "只看长度",
        ["seen"] = "见过",
        ["not seen"] = "没见过",
        ["not seen, 20 of its own"] = "没见过，阈值取自其 20 个成功回合",
        ["not seen, 50 of its own"] = "没见过，阈值取自其 50 个成功回合",
        ["not seen, 100 of its own"] = "没见过，阈值取自其 100 个成功回合",
        ["unseen tasks, a quarter of the time"] = "没见过的任务，四分之一时间",
        ["unseen tasks, half of the time"] = "没见过的任务，一半时间",
    };

    /// <summary>The pages there are, and their charts, as they should be.</summary>
    /// <param name="docs">Folder of the documents.</param>
    /// <exception cref="FileFormatException">A mark on a page is unknown or broken, or a cell is damaged.</exception>
    public static IEnumerable<(string File, byte[] Content)> Fill(string docs)
    {
        var cells = Path.Combine(docs, "monitor");
        var tables = new MonitorTables(MonitorCell.ReadAll(cells), MonitorTime.Read(cells),
            SettingsStudy.Read(cells));
        foreach (var page in Names.Where(p => File.Exists(Path.Combine(docs, p))))
        {
            var chinese = page.EndsWith(".zh-CN.md", StringComparison.Ordinal);
            var text = MarkedPage.Fill(page, File.ReadAllText(Path.Combine(docs, page)),
                name => tables.Table(name) is { } rows && chinese ? [.. rows.Select(row => Array.ConvertAll(row, Say))]
                    : tables.Table(name),
                name => tables.Value(name) is { } value && chinese ? Say(value) : tables.Value(name));
            yield return (page, Encoding.UTF8.GetBytes(text));
            yield return (chinese ? ChineseChart : Chart,
                Encoding.UTF8.GetBytes(SvgFile.ToText(tables.Chart(chinese ? Say : label => label))));
        }
    }

    /// <summary>Writes what differs from what is there.</summary>
    /// <param name="docs">Folder of the documents.</param>
    /// <returns>Files written, below the folder.</returns>
    public static List<string> Write(string docs)
    {
        var written = new List<string>();
        foreach (var (file, content) in Fill(docs).ToList())
        {
            var path = Path.Combine(docs, file);
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)) continue;
            AtomicFile.Write(path, stream => stream.Write(content));
            written.Add(file);
        }

        return written;
    }

    private static string Say(string text) => Chinese.GetValueOrDefault(text, text);
}
