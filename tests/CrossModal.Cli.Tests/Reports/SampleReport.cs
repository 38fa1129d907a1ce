using CrossModal.Cli.Reports;
using CrossModal.Imaging;

namespace CrossModal.Cli.Tests.Reports;

/// <summary>A report with every part, as a command would make it.</summary>
internal static class SampleReport
{
    public static HtmlReport Build(string text = "cross-attention")
    {
        var random = new Random(5);
        return new HtmlReport($"Comparing {text}", $"7 strategies, 200 episodes each, held-out instructions: {text}")
        {
            new KeyFigures(
                new KeyFigure("Success, held-out words", "91.5 %", "86.8–94.6 %, 200 episodes", Tone.Good),
                new KeyFigure("Instruction swapped", "12.0 %", "the words are used", Tone.Neutral),
                new KeyFigure("Lift of the named object", "6.8×", "target 8×", Tone.Bad),
                new KeyFigure(text, "1.9 ms", "median of 500 frames, 2 threads")),
            new Heading($"Success by {text}"),
            new Paragraph($"Every strategy saw the same episodes with the same seeds. {text} is ahead of concatenation by more than the intervals overlap."),
            new ReportTable(
                ["Strategy", "Parameters", new Column("Success, 0 to 100 %", 0.9), "ms per frame"],
                [
                    [new Cell(text) { Note = "words look at vision", Strong = true }, "412 k", Cell.Rate(0.915, 0.868, 0.946, strong: true), "1.92"],
                    ["co-attention", "688 k", Cell.Rate(0.88, 0.828, 0.918), "3.10"],
                    ["perceiver", "520 k", Cell.Rate(0.79, 0.728, 0.841), "2.44"],
                    ["concat-pooled", "260 k", Cell.Rate(0.355, 0.292, 0.423), "0.81"],
                    ["blind", "260 k", Cell.Rate(0, 0, 0.018), "–"],
                ],
                "Bars are 95 % Wilson intervals; the dotted line is the target."),
            new Heading("Training"),
            new LineChart("steps", "loss", Loss("training", 1, random), Loss("held out", 1.3, random), Loss(text, 2, random))
            {
                LogY = true, Smooth = 101, Target = (0.05, "target"), Caption = "Mean squared error of the action, normalised, and the pointing loss.",
            },
            new LineChart("episodes", "success / %", new Series(text, [(0, 4), (100, 22), (200, 61), (300, 84), (400, double.NaN), (500, 90)])) { YRange = (0, 100) },
            new BarChart("success", new Bar(text, new Interval(0.915, 0.868, 0.946)), new Bar("words swapped", new Interval(0.12, 0.08, 0.17), 1), new Bar("no words", new Interval(0.21, 0.16, 0.27), 1))
            {
                Shares = true, Groups = ["as asked", "ablated"], Target = (0.9, "target"),
            },
            new BarChart("milliseconds per frame", new Bar("compiled", 1.92), new Bar("interpreted", 7.4)),
            new Heading("Episodes"),
            new Filmstrip($"“{text}”", "lifted at step 31", Tone.Good, [.. Enumerable.Range(0, 8).Select(i => new Frame(Photo(i), $"step {4 * i}"))]),
            new Filmstrip($"pick up the {text}", "took the green cube", Tone.Bad, [.. Enumerable.Range(0, 5).Select(i => new Frame(Photo(i), $"step {4 * i}", i == 4 ? Tone.Bad : Tone.Neutral))]),
            new Heading("Where the words look"),
            new HeatMapGrid(
                ["step 0", "step 8", "step 16", "step 24"],
                [.. new[] { "red", "cube", text }.Select((word, w) => new HeatMapRow(word, [.. Enumerable.Range(0, 4).Select(i => w == 2 && i == 1 ? null : new Frame(Map(w, i), $"{4 + i}.2× at ({i}, {w})"))]))],
                "Layer fusion.layers.1.cross_attn, mean over 4 heads."),
            new ColorBar(new HeatMapOptions()),
            new Gallery(200, new Frame(Map(0, 1), text), new Frame(Map(1, 3), "smooth")),
            new CodeBlock("Configuration", $"strategy = {text}\nwidth    = 64\n"),
            new ReportFooter($"crossmodal train --strategy {text}", 7),
        };
    }

    private static RgbImage Photo(int step)
    {
        var photo = new RgbImage(64, 64);
        photo.Fill(new Rgb(186, 164, 138));
        Drawing.Rectangle(photo, 12, 20, 10, 10, new Rgb(205, 48, 42));
        Drawing.Rectangle(photo, 40, 34, 10, 10, new Rgb(52, 96, 190));
        Drawing.Rectangle(photo, 2 + 2 * step, 4 + 2 * step, 6, 12, new Rgb(50, 52, 58));
        return photo;
    }

    private static RgbImage Map(int word, int step)
    {
        var weights = new float[64];
        for (var i = 0; i < 64; i++) weights[i] = MathF.Exp(-0.4f * (MathF.Pow(i % 8 - 1.5f - word, 2) + MathF.Pow(i / 8 - 2.5f - step, 2)));
        var sum = weights.Sum();
        return HeatMap.Overlay(Photo(step), weights.Select(w => w / sum).ToArray(), 8, 8, new HeatMapOptions { Enlarge = 3 });
    }

    private static Series Loss(string name, double start, Random random) =>
        new(name, [.. Enumerable.Range(0, 3000).Select(i => ((double)i, start * Math.Exp(-i / 700.0) * (0.85 + 0.3 * random.NextDouble()) + 0.02))]);
}
