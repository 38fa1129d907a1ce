using System.Globalization;
using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Reports;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>The page of a run on the tabletop.</summary>
/// <param name="run">The run, trained and evaluated.</param>
/// <param name="command">The command that makes it again.</param>
/// <param name="seed">Seed of the evaluation.</param>
/// <param name="language">The language of the page.</param>
internal sealed class TabletopReport(TabletopRun run, string command, ulong seed, ToolLanguage language = ToolLanguage.English)
{
    /// <summary>Name of the picture of one scene under two instructions, in the run's folder.</summary>
    public const string TwoInstructionsName = "two-instructions.png";

    private const int Enlarged = 4;
    private const int FramesShown = 10;
    private const int EpisodesShown = 3;
    private static readonly HeatMapOptions Drawing = new() { Enlarge = Enlarged };
    private readonly TabletopReportTexts _texts = new(language);
    private readonly VerdictTexts _verdicts = new(language);

    /// <summary>Builds the page.</summary>
    public HtmlReport Build()
    {
        var report = new HtmlReport(_texts.Title(run.Policy.Policy.Options.Strategy, run.Tasks),
            _texts.Subtitle(run.Policy.Policy.ParameterCount, run.Training.Step, run.Recipe.Seed), language.Tag())
        {
            new KeyFigures([.. run.Scores.Select(Figure)]),
            new Heading(_texts.Success),
            new ReportTable(
                [_texts.Evaluation, new Column(_texts.Success), _texts.TargetFirst, _texts.TimedOut, _texts.WrongLifted, _texts.OtherMoved],
                [.. run.Scores.Select(Row)],
                _texts.SuccessCaption),
        };
        AddTwoInstructions(report);
        AddGrounding(report);
        AddEpisodes(report);
        report.Add(new Heading(_texts.Training));
        report.Add(Losses());
        if (EffectChart.Of(run.Folder, language) is { } effect) report.Add(effect);
        report.Add(new ReportFooter(command, seed));
        return report;
    }

    private static KeyFigure Figure(Scored scored)
    {
        var s = scored.Result.Success;
        return new KeyFigure(scored.Name, Interval.Percent(s.Rate), new Interval(s.Rate, s.Lower, s.Upper).PercentRange);
    }

    private static IReadOnlyList<Cell> Row(Scored scored)
    {
        var (r, s) = (scored.Result, scored.Result.Success);
        return
        [
            scored.Name, Cell.Rate(s.Rate, s.Lower, s.Upper), Interval.Percent(r.TargetFirst.Rate), $"{r.Count(FailureReason.Timeout)}",
            $"{r.Count(FailureReason.WrongObjectLifted)}", $"{r.Count(FailureReason.MovedOtherObject)}",
        ];
    }

    /// <summary>One scene under two instructions, by the method that is used for words of this strategy.</summary>
    private void AddTwoInstructions(HtmlReport report)
    {
        var method = MapMethods.ForWords(run.Policy.Policy.Options.Strategy);
        if (run.Grounding.Count == 0 || SceneWithTwoInstructions.Draw(run.Policy, run.Tasks[0], method, seed) is not { } drawn) return;
        Png.Write(Path.Combine(run.Folder, TwoInstructionsName), drawn.Joined());
        report.Add(new Heading(_texts.TwoInstructions));
        report.Add(new Paragraph(_texts.TwoInstructionsCaption(method.Name)));
        report.Add(new Gallery(SceneWithTwoInstructions.Side, [new CaptionedPicture(drawn.Scene, _texts.Camera("front")),
            .. drawn.Instructions.Select(i =>
                new CaptionedPicture(i.Map, $"{Quoted.Instruction(i.Text)}, {_verdicts.Of(i.Measured)}"))]));
    }

    private void AddGrounding(HtmlReport report)
    {
        if (run.Grounding.Count == 0) return;
        report.Add(new Heading(_texts.AttentionOfWords));
        report.Add(new ReportTable(
            [_texts.Layer, _texts.Word, _texts.OnObject, _texts.Area, _texts.Lift, new Column(_texts.Pointing)],
            [.. run.Grounding.Select(g => (IReadOnlyList<Cell>)
            [
                Evaluator.LayerName(g.Layer, g.View), new RunTexts(language).Kind(g.Kind), Interval.Percent(g.Mass),
                    Interval.Percent(g.Area),
                new Cell(g.Lift.ToString("0.0", CultureInfo.InvariantCulture) + "×") { Strong = g.Lift == run.Grounding.Max(o => o.Lift) },
                Cell.Rate(g.Pointing.Rate, g.Pointing.Lower, g.Pointing.Upper),
            ])],
            _texts.GroundingCaption));
        for (var i = 0; i < EpisodesShown; i++) report.Add(Maps(run.Tasks[0].Sample(Split.S0.SceneSeed(seed, i), Split.S0,
            SceneOptions.Full, run.Recipe.Language)));
        report.Add(new ColorBar(Drawing));
    }

    /// <summary>Heat maps of the words that name something, layer by layer, over the cameras' first pictures.</summary>
    private HeatMapGrid Maps(EpisodeSetup episode)
    {
        var rig = new CameraRig(run.Policy.Policy.Options.ImageSize, run.Policy.Policy.Options.Fusion.Views);
        var frames = rig.NewFrames();
        rig.Render(episode.Start, frames);
        var photos = Array.ConvertAll(frames, frame => new RgbImage(frame.Size, frame.Size, [.. frame.Rgb]));
        var maps = WordGrounding.Maps(run.Policy, frames, episode.Instruction, Proprioception.Of(episode.Start));
        var test = maps.Count == 0 ? null : MapVerdicts.Of(run.Policy, photos, episode.Instruction.Text, Proprioception.Of(episode.Start));
        var words = Enumerable.Range(0, episode.Instruction.Words.Length).Where(w => episode.Instruction.Kinds[w] != WordKind.Other)
            .ToArray();
        return new HeatMapGrid(
            [.. rig.Cameras.Select(c => _texts.Camera(c.View.ToString().ToLowerInvariant())),
                .. maps.Select(m => Evaluator.LayerName(m.Layer.Replace("fusion.", "", StringComparison.Ordinal), m.View))],
            [.. words.Select(w => new HeatMapRow(episode.Instruction.Words[w],
                [.. photos.Select(photo => new CaptionedPicture(photo.Enlarge(Enlarged), "")),
                    .. maps.Select(m => JudgedMap.Judged(Drawn(photos[m.View], m, w), test, maps, m, w, _verdicts))]))],
            _texts.Maps(Quoted.Instruction(episode.Instruction.Text)) + _verdicts.Note)
        { CellWidth = 144 };
    }

    private CaptionedPicture Drawn(RgbImage photo, WordMap map, int word)
    {
        var weights = map.Mean(word);
        var best = TopPatches.Of(weights, 1)[0];
        return new CaptionedPicture(HeatMap.Overlay(photo, weights, map.Grid.Rows, map.Grid.Columns, Drawing),
            _texts.Best(best.Weight * weights.Length, best.Patch / map.Grid.Columns + 1, best.Patch % map.Grid.Columns + 1))
        { Values = new PatchValues(map.Grid.Rows, map.Grid.Columns, weights) };
    }

    private void AddEpisodes(HtmlReport report)
    {
        report.Add(new Heading(_texts.Episodes));
        foreach (var scored in run.Scores)
        {
            foreach (var episode in scored.Result.Episodes.Where(e => e.Frames.Count > 0).Take(EpisodesShown))
            {
                var side = run.Policy.Policy.Options.ImageSize;
                var shown = Enumerable.Range(0, Math.Min(FramesShown, episode.Frames.Count))
                    .Select(i => i * (episode.Frames.Count - 1) / Math.Max(1, Math.Min(FramesShown, episode.Frames.Count) - 1));
                report.Add(new Filmstrip(_texts.Episode(scored.Name, Quoted.Instruction(episode.Instruction)),
                    episode.Success ? _texts.Succeeded(episode.Steps) : _texts.Failed(episode.Failure), episode.Success ? Tone.Good
                        : Tone.Bad,
                    [.. shown.Select(i => new CaptionedPicture(new RgbImage(side, side, episode.Frames[i]).Enlarge(2),
                        _texts.Frame(i)))])
                { FrameWidth = 80 });
            }
        }
    }

    private LineChart Losses()
    {
        var log = LossLog.Read(Path.Combine(run.Folder, TrainingLoop.LogName));
        var steps = log["step"];
        return new LineChart(_texts.Step, _texts.LossAxis, Series(_texts.Loss, "loss"), Series(_texts.TargetError, "target_cm"))
        {
            LogY = true,
            Smooth = 101,
            Caption = _texts.LossCaption,
        };

        Series Series(string name, string column) => new(name, [.. steps.Zip(log[column])]);
    }
}
