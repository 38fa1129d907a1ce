using CrossModal.Cli.Texts;
using CrossModal.Datasets;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Data;

/// <summary>A page of a data set: figures, warnings, and of some episodes the film of each camera and the course of the action. Its size
/// is bounded however large the data set is.</summary>
/// <param name="source">The data set.</param>
/// <param name="language">The language of the page.</param>
internal sealed class DataPage(RecordingSource source, ToolLanguage language = ToolLanguage.English)
{
    private const int EpisodesShown = 6;
    private const int FramesShown = 8;
    private const int LinesShown = LineChart.Styles;
    private const int PictureSide = 128;

    private readonly DataTexts _texts = new(language);

    /// <summary>Builds the page.</summary>
    /// <param name="command">The command that makes it again.</param>
    /// <param name="cancellation">Stops.</param>
    public HtmlReport Build(string command, CancellationToken cancellation)
    {
        var summary = DatasetSummary.Of(source, cancellation);
        var tasks = source.Episodes.Select(e => e.Instruction).Distinct().Count();
        var name = Quoted.Word(Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Path)));
        var report = new HtmlReport(name, source.Format, language.Tag())
        {
            new KeyFigures(
                new KeyFigure(_texts.Episodes, $"{source.Episodes.Count}", _texts.Steps(source.Episodes.Sum(e => (long)e.Length))),
                new KeyFigure(_texts.Cameras, $"{source.Cameras.Count}",
                    string.Join(", ", source.Cameras.Select(c => $"{c.Name} {c.Width}×{c.Height} {c.Encoding}"))),
                new KeyFigure(_texts.Instructions, $"{tasks}", tasks == 1 ? Quoted.Instruction(source.Episodes[0].Instruction)
                    : _texts.OfDifferentText)),
        };
        foreach (var line in source.Missing) report.Add(new Paragraph(_texts.Missing(line)));
        foreach (var line in summary.Warnings) report.Add(new Paragraph(_texts.Warning(line)));
        report.Add(new Heading(_texts.Ranges));
        report.Add(new ReportTable(_texts.RangeColumns,
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
            new Paragraph(_texts.Shown(EpisodesShown, source.Episodes.Count)));
        report.Add(new CodeBlock(_texts.Command, command));
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
                .Select(f => new CaptionedPicture(Reduced(f.Item), _texts.Frame(f.Index))).ToList();
            report.Add(new Filmstrip(Quoted.Instruction(episode.Instruction), _texts.Camera(camera, episode.Length), Tone.Neutral, frames));
        }
        catch (Exception error) when (error is Engine.Formats.FileFormatException or IOException)
        {
            report.Add(new Paragraph($"{camera}: {error.Message}"));
        }
    }

    private LineChart Course(EpisodeInfo episode)
    {
        var (rows, names) = (source.Numbers(episode, source.Action), source.Quantities(source.Action));
        return new LineChart(_texts.Step, _texts.Action, [.. names.Take(LinesShown)
            .Select((q, d) => new Series(q.Name, [.. rows.Select((row, t) => ((double)t, (double)row[d]))]))])
        {
            Caption = names.Count > LinesShown ? _texts.NumbersShown(LinesShown, names.Count) : null,
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
