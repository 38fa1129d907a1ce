using CrossModal.Imaging;

namespace CrossModal.Reports.Tests;

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
                    [new Cell(text) { Note = "words attend to vision", Strong = true }, "412 k",
                        Cell.Rate(0.915, 0.868, 0.946, strong: true),
                        "1.92"],
                    ["co-attention", "688 k", Cell.Rate(0.88, 0.828, 0.918), "3.10"],
                    ["perceiver", "520 k", Cell.Rate(0.79, 0.728, 0.841), "2.44"],
                    ["concat-pooled", "260 k", Cell.Rate(0.355, 0.292, 0.423), "0.81"],
                    ["blind", "260 k", Cell.Rate(0, 0, 0.018), "–"],
                ],
                "Bars are 95 % Wilson intervals; the dotted line is the target.") { Sortable = true },
            new Heading("Training"),
            new LineChart("steps", "loss", Loss("training", 1, random), Loss("held out", 1.3, random), Loss(text, 2, random))
            {
                LogY = true, Smooth = 101, Target = (0.05, "target"),
                    Caption = "Mean squared error of the action, normalised, and the pointing loss.",
            },
            new LineChart("episodes", "success / %",
                new Series(text, [(0, 4), (100, 22), (200, 61), (300, 84), (400, double.NaN), (500, 90)])) { YRange = (0, 100) },
            new BarChart("success", new Bar(text, new Interval(0.915, 0.868, 0.946)),
                new Bar("words swapped", new Interval(0.12, 0.08, 0.17), 1), new Bar("no words", new Interval(0.21, 0.16, 0.27), 1))
            {
                Shares = true, Groups = ["as asked", "ablated"], Target = (0.9, "target"),
            },
            new BarChart("milliseconds per frame", new Bar("compiled", 1.92), new Bar("interpreted", 7.4)),
            new Figure(Dots(text), "Dots are means, lines 95 % intervals."),
            new Figure(Curves(text), "Bands are 95 % intervals."),
            new Figure(Scatter(text), "Nothing is cheaper and better than what the line joins."),
            new Figure(new StackedBars(["success", "out of time", "wrong object", text],
                [new StackedRow(text, [0.8, 0.1, 0.06, 0.04]), new StackedRow("co-attention", [0.2, 0.7, 0.1, 0])])),
            new Heading("Episodes"),
            new Filmstrip($"“{text}”", "lifted at step 31", Tone.Good,
                [.. Enumerable.Range(0, 8).Select(i => new CaptionedPicture(Photo(i), $"step {4 * i}"))]),
            new Filmstrip($"pick up the {text}", "took the green cube", Tone.Bad,
                [.. Enumerable.Range(0, 5).Select(i => new CaptionedPicture(Photo(i), $"step {4 * i}", i == 4 ? Tone.Bad : Tone.Neutral))]),
            new Heading("Attention weights of words"),
            new HeatMapGrid(
                ["step 0", "step 8", "step 16", "step 24"],
                [.. new[] { "red", "cube", text }.Select((word, w) =>
                    new HeatMapRow(word, [.. Enumerable.Range(0, 4).Select(i =>
                    w == 2 && i == 1 ? null : Captioned(Map(w, i), $"{4 + i}.2× at ({i}, {w})"))]))],
                "Layer fusion.layers.1.cross_attn, mean over 4 heads."),
            new ColorBar(new HeatMapOptions()),
            new Gallery(200, Captioned(Map(0, 1), text), Captioned(Map(1, 3), "smooth")),
            new CodeBlock("Configuration", $"strategy = {text}\nwidth    = 64\n"),
            new ReportFooter($"crossmodal train --strategy {text}", 7),
        };
    }

    public static DotPlot Dots(string text) => new(
        [new DotPanel("New layouts") { Levels = [(0.95, "aim")] }, new DotPanel("Unseen pairs"),
            new DotPanel("ms per step") { Shares = false, Log = true, AxisLabel = "ms" }],
        [
            new DotRow(text, [new Dot(new Interval(0.68, double.NaN, double.NaN), 3) { Reference = true },
                new Dot(new Interval(0.915, 0.868, 0.946)) { Parts = [0.89, 0.92, 0.94] }], [new Dot(new Interval(0.5, 0.43, 0.57))],
                [new Dot(new Interval(1.9, 1.7, 2.2))]),
            new DotRow("co-attention", [new Dot(new Interval(0.88, 0.82, 0.92)), new Dot(new Interval(0.5, 0.43, 0.57), 1)], [],
                [new Dot(new Interval(3.1, 3, 3.4))]),
            new DotRow("blind", [new Dot(new Interval(0, 0, 0.018))], [new Dot(new Interval(0.01, 0, 0.03))], []),
        ])
    { Legend = [new("measured", 0), new("other", 1), new("textbook", 3, true)] };

    public static CurveChart Curves(string text)
    {
        Curve Rising(string name, double plateau, int style) =>
            new(name, [.. Enumerable.Range(1, 5).Select(i => new CurvePoint(96_000.0 * i,
                new Interval(plateau * i / 5, plateau * i / 5 - 0.06, plateau * i / 5 + 0.05)))], style);
        IReadOnlyList<Curve> all = [Rising(text, 0.9, 0), Rising("co-attention", 0.8, 1), Rising("perceiver", 0.3, 2),
            Rising("concat", 0.1, 3), Rising("blind", 0, 4)];
        return new CurveChart("samples", "success", [.. all.Select(c => new CurvePanel(c.Name, c) { Context = all })]);
    }

    public static ScatterChart Scatter(string text) => new("ms per control step", "success",
        new ScatterPoint(text, 1.9, new Interval(0.915, 0.868, 0.946)),
            new ScatterPoint("co-attention", 3.1, new Interval(0.88, 0.82, 0.92)),
        new ScatterPoint("perceiver", 2.4, new Interval(0.79, 0.73, 0.84)),
            new ScatterPoint("concat-pooled", 0.8, new Interval(0.35, 0.29, 0.42)),
            new ScatterPoint("twin", 1.92, new Interval(0.91, 0.86, 0.94), 1))
    { LogX = true };

    private static CaptionedPicture Captioned((RgbImage Image, PatchValues Values) map, string caption) =>
        new(map.Image, caption) { Values = map.Values };

    private static RgbImage Photo(int step)
    {
        var photo = new RgbImage(64, 64);
        photo.Fill(new Rgb(186, 164, 138));
        Drawing.Rectangle(photo, 12, 20, 10, 10, new Rgb(205, 48, 42));
        Drawing.Rectangle(photo, 40, 34, 10, 10, new Rgb(52, 96, 190));
        Drawing.Rectangle(photo, 2 + 2 * step, 4 + 2 * step, 6, 12, new Rgb(50, 52, 58));
        return photo;
    }

    private static (RgbImage Image, PatchValues Values) Map(int word, int step)
    {
        var weights = new float[64];
        for (var i = 0; i < 64; i++)
            weights[i] = MathF.Exp(-0.4f * (MathF.Pow(i % 8 - 1.5f - word, 2) + MathF.Pow(i / 8 - 2.5f - step, 2)));
        var sum = weights.Sum();
        var shares = weights.Select(w => w / sum).ToArray();
        return (HeatMap.Overlay(Photo(step), shares, 8, 8, new HeatMapOptions { Enlarge = 3 }), new PatchValues(8, 8, shares));
    }

    private static Series Loss(string name, double start, Random random) =>
        new(name, [.. Enumerable.Range(0, 3000).Select(i => ((double)i,
            start * Math.Exp(-i / 700.0) * (0.85 + 0.3 * random.NextDouble()) + 0.02))]);
}
