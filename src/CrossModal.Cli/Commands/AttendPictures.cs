using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Commands;

/// <summary>Shows where the attention of words lies: on the terminal, as PNG files, and as a page.</summary>
internal static class AttendPictures
{
    private const int WidestPicture = 48;
    private const int NarrowestPicture = 16;
    private const int MostLines = 26;

    private const int Gap = 3;

    // Longer side of a picture in the page, in pixels. A page has so many rows of two pictures, and so many pixels in all: it stays below
    // some 10 MB however many words and layers there are.
    private const int PageSide = 480;
    private const int NarrowestPageSide = 120;
    private const int RowsOnPage = 48;
    private const double PixelsOnPage = 2.5e6;
    private const int PicturesInRow = 2;

    // Of a part of a file's name, in bytes.
    private const int LongestWord = 40;
    private const int LongestLayer = 100;

    /// <summary>The name of the page.</summary>
    public const string PageName = "attention.html";

    /// <summary>The maps of the words that mean something, as many beside each other as fit the terminal.</summary>
    public static void Print(AttendView view, Terminal terminal)
    {
        // A character is twice as high as wide; an upright photograph is shown narrower, so that it fits the screen.
        var upright = 2 * MostLines * view.Result.Photo.Width / view.Result.Photo.Height;
        var width = Math.Clamp(Math.Min((terminal.Columns - Gap) / 2, upright), NarrowestPicture, WidestPicture);
        var beside = Math.Max(1, (terminal.Columns + Gap) / (width + Gap));
        foreach (var words in view.ContentWords.Chunk(beside))
        {
            var pictures = words.Select(w => view.ForTerminal(w, width, terminal.Colors).TrimEnd('\n').Split('\n')).ToArray();
            terminal.Output.WriteLine();
            terminal.Output.WriteLine(Join(words.Select(w => DisplayWidth.Fit($"{view.Result.Words[w]}  {view.Top(w, 1).First()}",
                width))));
            for (var line = 0; line < pictures[0].Length; line++) terminal.Output.WriteLine(Join(pictures.Select(p => p[line])));
        }
    }

    /// <summary>Writes two figures for every word, flat patches and smooth.</summary>
    /// <returns>The paths written.</returns>
    public static IReadOnlyList<string> Save(AttendView view, string folder, CancellationToken stop)
    {
        var paths = new List<string>();
        for (var w = 0; w < view.Result.Words.Count; w++)
            foreach (var style in Enum.GetValues<HeatMapStyle>())
            {
                stop.ThrowIfCancellationRequested();
                var head = view.Head is { } number ? $"head{number}" : "mean";
                var path = Path.Combine(folder,
                    $"{w:00}-{FileNamePart.Of(view.Result.Words[w], LongestWord)}-{FileNamePart.Of(view.LayerName, LongestLayer)}-{head}-{style.ToString().ToLowerInvariant()}.png");
                Png.Write(path, view.Figure(w, style));
                paths.Add(path);
            }

        return paths;
    }

    /// <summary>Writes a page with the layers and words, or of many the first.</summary>
    /// <returns>Its path.</returns>
    public static string SavePage(IReadOnlyList<AttendView> views, string instruction, string folder, string commandLine, int top)
    {
        var layers = Math.Min(views.Count, RowsOnPage);
        var words = Math.Min(views[0].Result.Words.Count, RowsOnPage / layers);
        var side = (int)Math.Clamp(Math.Sqrt(PixelsOnPage / (PicturesInRow * layers * words)), NarrowestPageSide, PageSide);
        var result = views[0].Result.Reduced(side);
        var texts = new AttendTexts(views[0].Language);
        var page = new HtmlReport(texts.Title, Quoted.Instruction(instruction), views[0].Language.Tag())
        {
            new Gallery(360, [.. views.Select(v => v.Result).Distinct().Select(l => l.Reduced(side)).Select(l =>
                new CaptionedPicture(l.Photo, texts.Input(l.Camera, l.InputSize.Width, l.InputSize.Height)))]),
        };
        if (words < result.Words.Count || layers < views.Count)
            page.Add(new Paragraph(texts.Shown(words, result.Words.Count, layers, views.Count)));
        foreach (var view in views.Take(layers).Select(v => v with { Result = v.Result.Reduced(side) }))
        {
            page.Add(new Heading($"{view.LayerName}{texts.Language.Pick(", ", "，")}{view.HeadName}"));
            page.Add(new HeatMapGrid(
                [texts.Patches, texts.Smooth],
                [.. result.Words.Take(words).Select((word, w) => new HeatMapRow(Quoted.Word(word),
                    [new CaptionedPicture(view.Overlay(w, HeatMapStyle.Nearest), view.Top(w, 1).First()),
                        new CaptionedPicture(view.Overlay(w, HeatMapStyle.Smooth), "")]))])
            {
                CellWidth = 300,
            });
            page.Add(new ColorBar(view.Options(HeatMapStyle.Nearest)));
            page.Add(new CodeBlock(texts.MostAttended, string.Join('\n', (view with { Detailed = false }).Listing(top).Take(words + 1))));
        }

        page.Add(new ReportFooter(commandLine));
        var path = Path.Combine(folder, PageName);
        page.Save(path);
        return path;
    }

    private static string Join(IEnumerable<string> parts) => string.Join(new string(' ', Gap), parts).TrimEnd();
}
