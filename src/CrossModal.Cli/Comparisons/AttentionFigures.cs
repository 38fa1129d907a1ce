using System.Globalization;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Imaging;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Comparisons;

/// <summary>Drawings of the attention weights of words.</summary>
/// <param name="language">The language of names and labels.</param>
internal sealed class AttentionFigures(ToolLanguage language)
{
    private const int FramesShown = 8;
    private const int Enlarged = 3;

    private static readonly WordKind[] Kinds = [WordKind.Verb, WordKind.Color, WordKind.Shape];

    private readonly ComparisonFigureTexts _texts = new(language);
    private readonly RowTexts _rows = new(language);
    private readonly VerdictTexts _verdicts = new(language);

    /// <summary>How pictures are drawn.</summary>
    public static HeatMapOptions Drawing { get; } = new() { Enlarge = Enlarged };

    /// <summary>Lift of each kind of word in each layer: attention on the right object over the share of the picture it covers.</summary>
    public DotPlot Lift(Results results) => new(
        [.. Kinds.Select(k => new DotPanel(_texts.Of(k))
        {
            Shares = false,
            Log = true,
            Levels = [(1, _texts.Chance)],
            AxisLabel = _texts.LiftAxis,
        })],
        [.. results.Rows.SelectMany(row =>
        {
            var byKind = Kinds.Select(row.Grounding).ToList();
            return row.Layers.Select(layer => new DotRow(
                row.Layers.Count > 1 ? _rows.LayerOf(row, layer.Number, layer.View) : _rows.Name(row),
                [.. byKind.Select(g => (IReadOnlyList<Dot>)[.. g.Where(r => r.Layer == layer.Key)
                    .Select(r => new Dot(new Interval(r.Lift, double.NaN, double.NaN)))])]));
        })])
    { Missing = _texts.NotJudged };

    /// <summary>A film as a page shows it: the camera, and below it the attention of the words that name something, each with its
    /// verdict.</summary>
    public HeatMapGrid Film(Row row, Film film)
    {
        var frames = Sampled(film).ToList();
        var last = film.Frames[^1].Step;
        var outcome = film.Failure == FailureReason.None ? _texts.Succeeded(last) : _texts.Failed(last, film.Failure);
        return new HeatMapGrid([.. frames.Select(f => _texts.Steps(f.Step))],
            [new HeatMapRow(_texts.Camera, [.. frames.Select(f => new CaptionedPicture(Photo(f).Enlarge(Enlarged), ""))]),
                .. Rows(film, frames, _verdicts, w => string.Create(CultureInfo.InvariantCulture, $"{w.Max() * w.Length:0.0}×"))],
            film.Layer is null ? _texts.NoMaps : _texts.Maps(film.Layer) + _verdicts.Note)
        {
            Episode = (_texts.Film(_rows.Name(row), film.Task, film.Split, Quoted.Instruction(string.Join(' ', film.Words))), outcome,
                film.Failure == FailureReason.None ? Tone.Good : Tone.Bad),
            CellWidth = 100,
        };
    }

    /// <summary>A film as one picture: the camera above, a row for each word that names something below, under each map its verdict, in
    /// English: the font of pictures has no Chinese characters.</summary>
    public static RgbImage Strip(Film film)
    {
        var frames = Sampled(film).ToList();
        return PictureGrid.Compose([new("", [.. frames.Select(f => Photo(f).Enlarge(Enlarged))]),
            .. Rows(film, frames, new VerdictTexts(ToolLanguage.English), _ => "").Select(r =>
                new PictureRow(r.Name, [.. r.Cells.Select(c => c is null ? null : PictureGrid.Captioned(c))]))]);
    }

    private static IEnumerable<HeatMapRow> Rows(Film film, IReadOnlyList<FilmFrame> frames, VerdictTexts texts,
        Func<float[], string> caption) => film.Words.Index()
        .Where(w => Kind(w.Item) is WordKind.Color or WordKind.Shape && frames.Any(f => f.Maps.Count > w.Index))
        .Select(w => new HeatMapRow(w.Item,
            [.. frames.Select(f => f.Maps.Count > w.Index ? Map(film, f, w.Index, texts, caption) : null)]));

    private static CaptionedPicture Map(Film film, FilmFrame frame, int word, VerdictTexts texts, Func<float[], string> caption)
    {
        var weights = Array.ConvertAll(frame.Maps[word], b => (float)(b / 255.0 * frame.Largest));
        var drawn = new CaptionedPicture(HeatMap.Overlay(Photo(frame), weights, film.Rows, film.Columns, Drawing),
            caption(weights))
        { Values = new PatchValues(film.Rows, film.Columns, weights) };
        return frame.Verdicts is { } verdicts
            ? JudgedMap.Judged(drawn, verdicts[word].Verdict, verdicts[word].Score ?? double.NaN, texts)
            : JudgedMap.Judged(drawn, null, texts);
    }

    private static IEnumerable<FilmFrame> Sampled(Film film)
    {
        var count = Math.Min(FramesShown, film.Frames.Count);
        return Enumerable.Range(0, count).Select(i => film.Frames[i * (film.Frames.Count - 1) / Math.Max(1, count - 1)]);
    }

    private static RgbImage Photo(FilmFrame frame)
    {
        using var stream = new MemoryStream(frame.Png);
        return Png.Read(stream, "frame of a film");
    }

    private static WordKind Kind(string word) => Vocabulary.Words.Contains(word) ? Vocabulary.KindOf(word) : WordKind.Other;
}
