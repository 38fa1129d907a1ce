using System.Globalization;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Imaging;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Comparisons;

/// <summary>Drawings of where the attention of words lies.</summary>
internal static class AttentionFigures
{
    private const int FramesShown = 8;
    private const int Enlarged = 3;

    private static readonly (WordKind Kind, string Name)[] Kinds =
        [(WordKind.Verb, "verbs, at the target"), (WordKind.Color, "colours, at what they name"),
        (WordKind.Shape, "shapes, at what they name")];

    /// <summary>How pictures are drawn.</summary>
    public static HeatMapOptions Drawing { get; } = new() { Enlarge = Enlarged };

    /// <summary>Lift of each kind of word in each layer: attention on the right object over the share of the picture it covers.</summary>
    public static DotPlot Lift(Results results) => new(
        [.. Kinds.Select(k => new DotPanel(k.Name) { Shares = false, Log = true, Levels = [(1, "chance")], AxisLabel = "lift, ×" })],
        [.. results.Rows.SelectMany(row =>
        {
            var byKind = Kinds.Select(k => row.Grounding(k.Kind)).ToList();
            return row.Layers.Select(layer => new DotRow(row.Layers.Count > 1 ? $"{row.Label}, layer {layer.Name}" : row.Label,
                [.. byKind.Select(g => (IReadOnlyList<Dot>)[.. g.Where(r => r.Layer == layer.Key)
                    .Select(r => new Dot(new Interval(r.Lift, double.NaN, double.NaN)))])]));
        })])
    { Missing = "not judged" };

    /// <summary>A film as a page shows it: the camera, and below it the attention of the words that name something.</summary>
    public static HeatMapGrid Film(string label, Film film)
    {
        var frames = Sampled(film).ToList();
        var outcome = film.Failure == FailureReason.None ? $"success after {film.Frames[^1].Step} steps"
            : $"failed after {film.Frames[^1].Step} steps: {Words(film.Failure)}";
        return new HeatMapGrid([.. frames.Select(f => $"step {f.Step}")],
            [new HeatMapRow("camera", [.. frames.Select(f => new CaptionedPicture(Photo(f).Enlarge(Enlarged), ""))]),
                .. Rows(film, frames)],
            film.Layer is null ? "No attention of this strategy goes from words to patches."
                : $"{film.Layer}, mean over heads; below each picture the strongest patch, × uniform.")
        {
            Episode = ($"{label}, {film.Task} {film.Split}: {Quoted.Instruction(string.Join(' ', film.Words))}", outcome,
                film.Failure == FailureReason.None ? Tone.Good : Tone.Bad),
            CellWidth = 100,
        };
    }

    /// <summary>A film as one picture: the camera above, a row for each word that names something below.</summary>
    public static RgbImage Strip(Film film)
    {
        var frames = Sampled(film).ToList();
        return PictureGrid.Compose([("", [.. frames.Select(f => Photo(f).Enlarge(Enlarged))]),
            .. Rows(film, frames).Select(r => (r.Name, (IReadOnlyList<RgbImage?>)[.. r.Cells.Select(c => c?.Image)]))]);
    }

    private static IEnumerable<HeatMapRow> Rows(Film film, IReadOnlyList<FilmFrame> frames) => film.Words.Index()
        .Where(w => Kind(w.Item) is WordKind.Color or WordKind.Shape && frames.Any(f => f.Maps.Count > w.Index))
        .Select(w => new HeatMapRow(w.Item, [.. frames.Select(f => f.Maps.Count > w.Index ? Map(film, f, w.Index) : null)]));

    private static CaptionedPicture Map(Film film, FilmFrame frame, int word)
    {
        var weights = Array.ConvertAll(frame.Maps[word], b => (float)(b / 255.0 * frame.Largest));
        return new CaptionedPicture(HeatMap.Overlay(Photo(frame), weights, film.Rows, film.Columns, Drawing),
            string.Create(CultureInfo.InvariantCulture, $"{weights.Max() * weights.Length:0.0}×"))
        { Values = new PatchValues(film.Rows, film.Columns, weights) };
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

    private static string Words(FailureReason reason) => reason switch
    {
        FailureReason.Timeout => "out of time",
        FailureReason.MovedOtherObject => "moved another object",
        FailureReason.WrongObjectLifted => "lifted the wrong object",
        _ => reason.ToString(),
    };
}
