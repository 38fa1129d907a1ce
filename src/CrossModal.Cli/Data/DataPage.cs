using CrossModal.Datasets;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Data;

/// <summary>A page of a data set: figures, warnings, and of some episodes the film of each camera and the course of the action. Its size
/// is bounded however large the data set is.</summary>
/// <param name="source">The data set.</param>
internal sealed class DataPage(RecordingSource source)
{
    private const int EpisodesShown = 6;
    private const int FramesShown = 8;
    private const int LinesShown = LineChart.Styles;
    private const int PictureSide = 128;

    /// <summary>Builds the page.</summary>
    /// <param name="command">The command that makes it again.</param>
    /// <param name="cancellation">Stops.</param>
    public HtmlReport Build(string command, CancellationToken cancellation)
    {
        var summary = DatasetSummary.Of(source, cancellation);
        var tasks = source.Episodes.Select(e => e.Instruction).Distinct().Count();
        var report = new HtmlReport(Quoted.Word(Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Path))), source.Format)
        {
            new KeyFigures(
                new KeyFigure("Episodes", $"{source.Episodes.Count}", $"{source.Episodes.Sum(e => (long)e.Length)} steps"),
                new KeyFigure("Cameras", $"{source.Cameras.Count}",
                    string.Join(", ", source.Cameras.Select(c => $"{c.Name} {c.Width}×{c.Height} {c.Encoding}"))),
                new KeyFigure("Instructions", $"{tasks}", tasks == 1 ? Quoted.Instruction(source.Episodes[0].Instruction)
                    : "of different text")),
        };
        foreach (var line in source.Missing) report.Add(new Paragraph($"Missing: {line}."));
        foreach (var line in summary.Warnings) report.Add(new Paragraph($"Warning: {line}."));
        report.Add(new Heading("Ranges"));
        report.Add(new ReportTable(["numbers", "name", "unit", "least", "most"],
            [.. summary.Dimensions.Select(d => (IReadOnlyList<Cell>)[
                d.Column, Quoted.Word(d.Name), d.Unit, Number(d.Least), Number(d.Most)])]));
        foreach (var episode in Shown())
        {
            cancellation.ThrowIfCancellationRequested();
            report.Add(new Heading(Quoted.Word(episode.Name)));
            foreach (var camera in episode.Cameras) Film(report, episode, camera);
            if (source.Action.Count > 0) report.Add(Course(episode));
        }

        if (source.Episodes.Count > EpisodesShown) report.Add(
            new Paragraph($"{EpisodesShown} of {source.Episodes.Count} episodes are shown."));
        report.Add(new CodeBlock("Command", command));
        return report;
    }

    /// <summary>Episodes at equal distances, from the first to the last.</summary>
    private IEnumerable<EpisodeInfo> Shown()
    {
        var count = Math.Min(EpisodesShown, source.Episodes.Count);
        return Enumerable.Range(0, count).Select(i =>
            source.Episodes[(int)((long)i * (source.Episodes.Count - 1) / Math.Max(1, count - 1))]);
    }

    private void Film(HtmlReport report, EpisodeInfo episode, string camera)
    {
        var count = Math.Min(FramesShown, episode.Length);
        var steps = Enumerable.Range(0, count).Select(i => (int)((long)i * (episode.Length - 1) / Math.Max(1, count - 1))).ToHashSet();
        try
        {
            var frames = source.Frames(episode, camera).Index().Where(f => steps.Contains(f.Index))
                .Select(f => new CaptionedPicture(Reduced(f.Item), $"step {f.Index}")).ToList();
            report.Add(new Filmstrip(Quoted.Instruction(episode.Instruction), $"{camera}, {episode.Length} steps", Tone.Neutral, frames));
        }
        catch (Exception error) when (error is Engine.Formats.FileFormatException or IOException)
        {
            report.Add(new Paragraph($"{camera}: {error.Message}"));
        }
    }

    private LineChart Course(EpisodeInfo episode)
    {
        var (rows, names) = (source.Numbers(episode, source.Action), source.Quantities(source.Action));
        return new LineChart("step", "action", [.. names.Take(LinesShown)
            .Select((q, d) => new Series(q.Name, [.. rows.Select((row, t) => ((double)t, (double)row[d]))]))])
        {
            Caption = names.Count > LinesShown ? $"The first {LinesShown} of {names.Count} numbers of the action." : null,
        };
    }

    private static RgbImage Reduced(RgbImage picture)
    {
        var scale = (double)PictureSide / Math.Max(picture.Width, picture.Height);
        return scale >= 1 ? picture : ImageResize.Resize(
            picture, Math.Max(1, (int)Math.Round(scale * picture.Width)), Math.Max(1, (int)Math.Round(scale * picture.Height)),
                ResizeFilter.BilinearAntialias);
    }

    private static string Number(double value) => value.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture);
}
