using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Data;
using CrossModal.Engine.Recording;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Imitation;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>The page of a run on recordings. Its size is bounded: it shows so many episodes, frames and words, and pictures of one size,
/// however many and large the recordings are and however long their instructions.</summary>
/// <param name="trained">The trained policy.</param>
/// <param name="recorded">The recordings.</param>
/// <param name="error">The error on held-out episodes.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="language">The language of the page.</param>
internal sealed class RecordedReport(TrainedPolicy trained, RecordedData recorded, ActionError error, string folder,
    ToolLanguage language = ToolLanguage.English)
{
    /// <summary>Name of the folder of heat maps.</summary>
    public const string MapsFolder = "heatmaps";

    private const int EpisodesShown = 4;
    private const int FramesShown = 4;
    private const int WordsShown = 10;
    private const int DimensionsShown = 20;

    // Longer side of a picture, in pixels; small ones are enlarged to about this.
    private const int PictureSide = 128;
    private const int LongestWord = 40;
    private readonly RecordedTexts _texts = new(language);
    private readonly VerdictTexts _verdicts = new(language);

    /// <summary>Builds the page, and writes the heat maps on it as files.</summary>
    /// <param name="name">Name of the recordings.</param>
    /// <param name="unknown">Words of held-out instructions that no training episode has.</param>
    /// <param name="command">The command that makes it again.</param>
    /// <param name="seed">Seed of weights and batches.</param>
    public HtmlReport Build(string name, IReadOnlyList<string> unknown, string command, ulong seed)
    {
        var (verdict, tone) = RecordedRun.Verdict(error, _texts);
        var report = new HtmlReport(_texts.Title(trained.Policy.Options.Strategy, recorded.Training.Count + recorded.HeldOut.Count),
            _texts.Subtitle(Quoted.Word(name), seed), language.Tag())
        {
            new KeyFigures(
                new KeyFigure(_texts.HeldOutError, Fixed(error.Normalized), _texts.OverVariance(Fixed(error.NormalizedMean))),
                new KeyFigure(_texts.RatioToMean, Fixed(error.Ratio), _texts.Verdict(verdict, RecordedRun.Range(error), error.Steps,
                    error.Episodes.Count), tone)),
        };
        if (unknown.Count > 0) report.Add(new Paragraph(_texts.UnknownParagraph(Quoted.List(unknown))));
        report.Add(new Heading(_texts.ErrorOfDimensions));
        report.Add(Errors());
        report.Add(new Heading(_texts.Attention));
        foreach (var episode in recorded.HeldOut.Take(EpisodesShown)) AddMaps(report, episode);
        if (recorded.HeldOut.Count > EpisodesShown)
            report.Add(new Paragraph(_texts.EpisodesShown(EpisodesShown, recorded.HeldOut.Count)));
        report.Add(new ColorBar(new HeatMapOptions()));
        report.Add(new Heading(_texts.Training));
        var log = LossLog.Read(Path.Combine(folder, TrainingLoop.LogName));
        report.Add(new LineChart(_texts.Step, _texts.Loss, new Series(_texts.Loss, [.. log["step"].Zip(log["loss"])]))
        {
            LogY = true,
            Smooth = 21,
        });
        if (EffectChart.Of(folder, language) is { } effect) report.Add(effect);
        report.Add(new ReportFooter(command, seed));
        return report;
    }

    private BarChart Errors()
    {
        var bars = error.Policy.Take(DimensionsShown).SelectMany((p, d) => new[] { new Bar(_texts.OfPolicy(d), p),
            new Bar(_texts.OfMean(d), error.Mean[d], 1) });
        return new BarChart(_texts.ErrorAxis, [.. bars])
        {
            Groups = [_texts.Policy, _texts.MeanAction],
            Caption = error.Policy.Count > DimensionsShown ? _texts.DimensionsShown(DimensionsShown, error.Policy.Count) : null,
        };
    }

    /// <summary>The maps of the layer whose words are least spread in the first frame, over some frames of an episode: on the page, and as
    /// files.</summary>
    private void AddMaps(HtmlReport report, Episode episode)
    {
        int[] steps = [.. Enumerable.Range(0, Math.Min(FramesShown, episode.Steps))
            .Select(i => i * (episode.Steps - 1) / Math.Max(1, Math.Min(FramesShown, episode.Steps) - 1))];
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        trained.Decide(ActionError.Inputs(trained, episode, steps, pass), pass);
        var words = trained.Tokenizer.WordsOf(episode.Instruction);
        var layers = Enumerable.Range(0, steps.Length).Select(i => WordMap.Read(trace, i, words.Count, trained.Policy.Grid)).ToArray();
        if (layers[0].Count == 0) return;
        var sharpest = layers[0].Index().MinBy(m => m.Item.Spread()).Index;
        var maps = Array.ConvertAll(layers, l => l[sharpest]);
        var photos = Array.ConvertAll(steps, step =>
            Reduced(maps[0].View == 0 ? episode.Photo(step) : episode.OtherViews[maps[0].View - 1][step]));
        var tests = Array.ConvertAll(steps, step => MapVerdicts.Of(trained, ActionError.Inputs(trained, episode, [step], pass)));
        var rows = words.Take(WordsShown).Select((word, w) => new HeatMapRow(Quoted.Word(word),
            [.. steps.Select((step, i) => Draw(episode.Name, step, photos[i], layers[i], maps[i], word, w, tests[i]))])).ToList();
        report.Add(new HeatMapGrid([.. steps.Select(_texts.Frame)], rows,
            _texts.Caption(Quoted.Word(episode.Name), Quoted.Instruction(episode.Instruction), maps[0].Layer, WordsShown, words.Count)
            + _verdicts.Note));
    }

    private CaptionedPicture Draw(string episode, int step, RgbImage photo, IReadOnlyList<WordMap> all, WordMap map, string word, int index,
        FaithfulnessTest? test)
    {
        var weights = map.Mean(index);
        var drawing = new HeatMapOptions { Enlarge = Math.Max(1, PictureSide / Math.Max(photo.Width, photo.Height)) };
        var letterbox = Letterbox.Fit(photo.Width, photo.Height, trained.Policy.Options.ImageSize);
        var picture = HeatMap.Overlay(photo, weights, map.Grid.Rows, map.Grid.Columns, drawing, letterbox);
        var drawn = new CaptionedPicture(picture,
            string.Create(CultureInfo.InvariantCulture, $"{TopPatches.Of(weights, 1)[0].Weight * weights.Length:0.0}×"));
        var judged = JudgedMap.Judged(drawn, test, all, map, index, _verdicts);
        Png.Write(Path.Combine(folder, MapsFolder, episode, $"{step:000}_{index}_{FileNamePart.Of(word, LongestWord)}.png"), judged.Image);
        return judged;
    }

    private static RgbImage Reduced(RgbImage photo)
    {
        var scale = (double)PictureSide / Math.Max(photo.Width, photo.Height);
        return scale >= 1 ? photo : ImageResize.Resize(
            photo, Math.Max(1, (int)Math.Round(scale * photo.Width)), Math.Max(1, (int)Math.Round(scale * photo.Height)),
                ResizeFilter.BilinearAntialias);
    }

    private static string Fixed(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
