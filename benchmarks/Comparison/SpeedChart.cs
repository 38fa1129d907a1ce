using System.Globalization;
using System.Text;
using System.Xml;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Draws speeds as bars, a panel for each thread count: how many times as fast as the best ordinary peer each engine is.</summary>
internal static class SpeedChart
{
    private const double PanelWidth = 560;
    private const double LabelWidth = 62;
    private const double ValueWidth = 120;
    private const double Thickness = 15;
    private const double Gap = 14;
    private const double Top = 96;
    private const double Bottom = 56;
    private const double LegendPitch = 176;

    private static readonly string[] Charted = ["layers", "net4", "train"];

    private static readonly (string Name, string Color, Func<Outcome, EntryOutcome?> Bar)[] Series =
    [
        ("best ordinary peer", "#8a8f98", o => o.BestOrdinary),
        ("ONNX Runtime, absorbed", "#c9a227", o => Find(o, e => e.Role == Role.Absorbed)),
        ("ours, ordinary", "#9ecae1", o => Ours(o, "ord")),
        ("ours, per frame", "#3182bd", o => Ours(o, "auto") ?? Ours(o, "train")),
        ("ours, instruction set", "#08519c", o => Ours(o, "cached") ?? Ours(o, "net4")),
    ];

    /// <summary>Writes the chart as SVG.</summary>
    public static void Write(string file, IReadOnlyList<Outcome> outcomes, Configuration configuration) => AtomicFile.Write(file, stream =>
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, CloseOutput = false, Encoding = new UTF8Encoding(false) });
        Write(xml, outcomes, configuration);
    });

    /// <summary>Writes the chart: layers, networks and training; what has no ordinary peer is left out.</summary>
    public static void Write(XmlWriter xml, IReadOnlyList<Outcome> outcomes, Configuration configuration)
    {
        var panels = outcomes.Where(o => o.BestOrdinary is not null && Charted.Contains(o.Measure.Group)).GroupBy(o => o.Measure.Threads).Select(p => p.ToList()).ToList();
        var longest = panels.SelectMany(p => p).SelectMany(Bars).Max(b => (double?)b.Value.Ratio) ?? 1;
        var width = Math.Max(Series.Length * LegendPitch, PanelWidth * Math.Max(1, panels.Count)) + 2 * Gap;
        var height = Top + Bottom + panels.Select(p => p.Sum(Height)).DefaultIfEmpty().Max();
        xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Attributes(xml, ("viewBox", $"0 0 {Number(width)} {Number(height)}"), ("width", Number(width)), ("height", Number(height)), ("role", "img"),
            ("font-family", "system-ui, sans-serif"), ("font-size", "12"), ("aria-label", "Speed of one layer, engine by engine"));
        Box(xml, 0, 0, width, height, "#ffffff");
        Write(xml, "How many times as fast as the best ordinary peer", Gap, 24, "start", ("font-size", "17"), ("font-weight", "600"));
        foreach (var (i, (name, color, _)) in Series.Index())
        {
            Box(xml, Gap + i * LegendPitch, 40, 13, 13, color);
            Write(xml, name, Gap + i * LegendPitch + 19, 51, "start");
        }

        foreach (var (i, panel) in panels.Index()) Panel(xml, panel, Gap + i * PanelWidth, longest);
        Write(xml, "Beside each bar: the ratio, and the median time of one call. Longer is faster.", Gap, height - 30, "start", ("fill", "#555555"));
        Write(xml, configuration.Machine, Gap, height - 12, "start", ("fill", "#555555"));
        xml.WriteEndElement();
    }

    private static void Panel(XmlWriter xml, List<Outcome> outcomes, double left, double longest)
    {
        var threads = outcomes[0].Measure.Threads;
        Write(xml, $"{threads} thread{(threads == 1 ? "" : "s")}", left + LabelWidth, Top - 16, "start", ("font-size", "14"), ("font-weight", "600"));
        var start = left + LabelWidth;
        var scale = (PanelWidth - LabelWidth - ValueWidth) / longest;
        var y = Top;
        foreach (var outcome in outcomes)
        {
            var bars = Bars(outcome).ToList();
            Write(xml, Label(outcome.Measure), start - 8, y + bars.Count * Thickness / 2 + 4, "end", ("font-weight", "600"));
            foreach (var (color, bar) in bars)
            {
                var ratio = bar.Ratio!.Value;
                Box(xml, start, y, Math.Max(1, ratio * scale), Thickness - 2, color);
                var time = bar.Times.Median < 1e6 ? Invariant($"{bar.Times.Median / 1e3:F0} µs") : Invariant($"{bar.Times.Median / 1e6:F2} ms");
                Write(xml, Invariant($"{ratio:F2}×  {time}{(bar.Kept.Disturbed ? " ~" : "")}"), start + ratio * scale + 6, y + Thickness - 4, "start", ("font-size", "11"));
                y += Thickness;
            }

            y += Gap;
        }

        // Where the best ordinary peer stands.
        xml.WriteStartElement("line");
        Attributes(xml, ("x1", Number(start + scale)), ("x2", Number(start + scale)), ("y1", Number(Top - 6)), ("y2", Number(y - Gap)),
            ("stroke", "#333333"), ("stroke-dasharray", "3 3"), ("stroke-width", "1"));
        xml.WriteEndElement();
    }

    private static string Label(Measure measure) => measure.Group switch
    {
        "layers" => $"layer {measure.Name}",
        "net4" => $"4 × {measure.Name}",
        _ => "training",
    };

    private static double Height(Outcome outcome) => Bars(outcome).Count() * Thickness + Gap;

    private static IEnumerable<(string Color, EntryOutcome Value)> Bars(Outcome outcome) =>
        Series.Select(s => (s.Color, Bar: s.Bar(outcome))).Where(b => b.Bar?.Ratio is not null).Select(b => (b.Color, b.Bar!));

    private static EntryOutcome? Ours(Outcome outcome, string kind) => Find(outcome, e => e.Role == Role.Ours && e.Case.StartsWith(kind + ":", StringComparison.Ordinal));

    private static EntryOutcome? Find(Outcome outcome, Func<Entry, bool> which) => outcome.Entries.FirstOrDefault(e => which(e.Entry));

    private static void Box(XmlWriter xml, double x, double y, double width, double height, string color)
    {
        xml.WriteStartElement("rect");
        Attributes(xml, ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)), ("fill", color));
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, string text, double x, double y, string anchor, params (string Name, string Value)[] more)
    {
        xml.WriteStartElement("text");
        Attributes(xml, [("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), .. more]);
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    private static void Attributes(XmlWriter xml, params (string Name, string Value)[] attributes)
    {
        foreach (var (name, value) in attributes) xml.WriteAttributeString(name, value);
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
