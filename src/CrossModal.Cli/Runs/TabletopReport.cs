using System.Globalization;
using CrossModal.Cli.Reports;
using CrossModal.Explain;
using CrossModal.Imaging;
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
internal sealed class TabletopReport(TabletopRun run, string command, ulong seed)
{
    private const int Enlarged = 4;
    private const int FramesShown = 10;
    private const int EpisodesShown = 3;
    private static readonly HeatMapOptions Drawing = new() { Enlarge = Enlarged };

    /// <summary>Builds the page.</summary>
    public HtmlReport Build()
    {
        var report = new HtmlReport($"{run.Policy.Policy.Options.Strategy} on {string.Join(", ", run.Tasks)}",
            string.Create(CultureInfo.InvariantCulture, $"{run.Policy.Policy.ParameterCount:N0} parameters, {run.Training.Step} steps, seed {run.Recipe.Seed}"))
        {
            new KeyFigures([.. run.Scores.Select(Figure)]),
            new Heading("Success"),
            new ReportTable(
                ["Evaluation", new Column("Success"), "Target touched first", "Timed out", "Wrong object lifted", "Another object moved"],
                [.. run.Scores.Select(Row)],
                "Closed loop on layouts never trained on, with 95 % Wilson intervals. Success is the full test of the task; moving anything else by more than 3 cm fails."),
        };
        AddGrounding(report);
        AddEpisodes(report);
        report.Add(new Heading("Training"));
        report.Add(Losses());
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

    private void AddGrounding(HtmlReport report)
    {
        if (run.Grounding.Count == 0) return;
        report.Add(new Heading("Where words look"));
        report.Add(new ReportTable(
            ["Layer", "Word", "Attention on the right object", "Share of the picture", "Lift", new Column("Pointing")],
            [.. run.Grounding.Select(g => (IReadOnlyList<Cell>)
            [
                Evaluator.LayerName(g.Layer, g.View), g.Kind.ToString().ToLowerInvariant(), Interval.Percent(g.Mass), Interval.Percent(g.Area),
                new Cell(g.Lift.ToString("0.0", CultureInfo.InvariantCulture) + "×") { Strong = g.Lift == run.Grounding.Max(o => o.Lift) },
                Cell.Rate(g.Pointing.Rate, g.Pointing.Lower, g.Pointing.Upper),
            ])],
            "Raw attention, mean over heads, judged against exact object masks. Lift 1 is chance: attention spread evenly. Pointing: the most attended patch touches the object."));
        for (var i = 0; i < EpisodesShown; i++) report.Add(Maps(run.Tasks[0].Sample(Split.S0.SceneSeed(seed, i), Split.S0, SceneOptions.Full)));
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
        var words = Enumerable.Range(0, episode.Instruction.Words.Length).Where(w => episode.Instruction.Kinds[w] != WordKind.Other).ToArray();
        return new HeatMapGrid(
            [.. rig.Cameras.Select(c => $"{c.View.ToString().ToLowerInvariant()} camera"), .. maps.Select(m => Evaluator.LayerName(m.Layer.Replace("fusion.", "", StringComparison.Ordinal), m.View))],
            [.. words.Select(w => new HeatMapRow(episode.Instruction.Words[w],
                [.. photos.Select(photo => new CaptionedPicture(photo.Enlarge(Enlarged), "")), .. maps.Select(m => MapVerdicts.Judged(Drawn(photos[m.View], m, w), test, maps, m, w))]))],
            $"{Quoted.Instruction(episode.Instruction.Text)}: attention of each word (mean over heads), × uniform.{MapVerdicts.Note}") { CellWidth = 128 };
    }

    private static CaptionedPicture Drawn(RgbImage photo, WordMap map, int word)
    {
        var weights = map.Mean(word);
        var best = TopPatches.Of(weights, 1)[0];
        return new CaptionedPicture(HeatMap.Overlay(photo, weights, map.Grid.Rows, map.Grid.Columns, Drawing),
            string.Create(CultureInfo.InvariantCulture, $"{best.Weight * weights.Length:0.0}× at row {best.Patch / map.Grid.Columns + 1}, column {best.Patch % map.Grid.Columns + 1}"));
    }

    private void AddEpisodes(HtmlReport report)
    {
        report.Add(new Heading("Episodes"));
        foreach (var scored in run.Scores)
        {
            foreach (var episode in scored.Result.Episodes.Where(e => e.Frames.Count > 0).Take(EpisodesShown))
            {
                var side = run.Policy.Policy.Options.ImageSize;
                var shown = Enumerable.Range(0, Math.Min(FramesShown, episode.Frames.Count))
                    .Select(i => i * (episode.Frames.Count - 1) / Math.Max(1, Math.Min(FramesShown, episode.Frames.Count) - 1));
                report.Add(new Filmstrip($"{scored.Name}: {Quoted.Instruction(episode.Instruction)}",
                    episode.Success ? $"success after {episode.Steps} steps" : $"failed: {Words(episode.Failure)}", episode.Success ? Tone.Good : Tone.Bad,
                    [.. shown.Select(i => new CaptionedPicture(new RgbImage(side, side, episode.Frames[i]).Enlarge(2), $"step {i}"))]) { FrameWidth = 80 });
            }
        }
    }

    private LineChart Losses()
    {
        var log = LossLog.Read(Path.Combine(run.Folder, TrainingLoop.LogName));
        var steps = log["step"];
        return new LineChart("step", "loss and target error / cm", Series("loss", "loss"), Series("target error / cm", "target_cm"))
        {
            LogY = true, Smooth = 101, Caption = "Batch loss, and the mean horizontal distance between where the policy points and where the expert heads.",
        };

        Series Series(string name, string column) => new(name, [.. steps.Zip(log[column])]);
    }

    private static string Words(FailureReason reason) => reason switch
    {
        FailureReason.Timeout => "out of time",
        FailureReason.MovedOtherObject => "moved another object",
        FailureReason.WrongObjectLifted => "lifted the wrong object",
        _ => reason.ToString(),
    };
}
