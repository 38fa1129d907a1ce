using System.Text;
using CrossModal.Cli.Reports;
using CrossModal.Imaging;

namespace CrossModal.Cli.Commands;

/// <summary>Shows where words look: on the terminal, as PNG files, and as a page.</summary>
internal static class AttendPictures
{
    private const int WidestPicture = 48;
    private const int NarrowestPicture = 16;
    private const int MostLines = 26;

    // Longer side of a picture in the page, in pixels, so that a page of many words stays small.
    private const int PageSide = 480;
    private const int Gap = 3;

    // Of a part of a file's name, in characters.
    private const int LongestWord = 40;
    private const int LongestLayer = 100;

    /// <summary>The name of the page.</summary>
    public const string PageName = "attention.html";

    /// <summary>The maps of the words that mean something, as many beside each other as fit the terminal.</summary>
    public static void Print(AttendView view, Terminal terminal)
    {
        // A character is twice as high as wide; an upright photograph is shown narrower, so that it fits the screen.
        var upright = 2 * MostLines * view.Look.Photo.Width / view.Look.Photo.Height;
        var width = Math.Clamp(Math.Min((terminal.Columns - Gap) / 2, upright), NarrowestPicture, WidestPicture);
        var beside = Math.Max(1, (terminal.Columns + Gap) / (width + Gap));
        foreach (var words in view.ContentWords.Chunk(beside))
        {
            var pictures = words.Select(w => view.ForTerminal(w, width, terminal.Colors).TrimEnd('\n').Split('\n')).ToArray();
            terminal.Output.WriteLine();
            terminal.Output.WriteLine(Join(words.Select(w => Fit($"{view.Look.Words[w]}  {view.Top(w, 1).First()}", width))));
            for (var line = 0; line < pictures[0].Length; line++) terminal.Output.WriteLine(Join(pictures.Select(p => p[line])));
        }
    }

    /// <summary>Writes two figures for every word, flat patches and smooth.</summary>
    /// <returns>The paths written.</returns>
    public static IReadOnlyList<string> Save(AttendView view, string folder, CancellationToken stop)
    {
        var paths = new List<string>();
        for (var w = 0; w < view.Look.Words.Count; w++)
            foreach (var style in Enum.GetValues<HeatMapStyle>())
            {
                stop.ThrowIfCancellationRequested();
                var head = view.Head is { } number ? $"head{number}" : "mean";
                var path = Path.Combine(folder, $"{w:00}-{FileName(view.Look.Words[w], LongestWord)}-{FileName(view.Map.Layer, LongestLayer)}-{head}-{style.ToString().ToLowerInvariant()}.png");
                Png.Write(path, view.Figure(w, style));
                paths.Add(path);
            }

        return paths;
    }

    /// <summary>Writes a page with all words and layers.</summary>
    /// <returns>Its path.</returns>
    public static string SavePage(IReadOnlyList<AttendView> views, string instruction, string folder, string commandLine, int top)
    {
        var look = views[0].Look.Reduced(PageSide);
        var page = new HtmlReport("Where each word looks", $"“{instruction}”")
        {
            new Gallery(360, new Frame(look.Photo, $"seen at {look.SeenAs.Width} × {look.SeenAs.Height} pixels")),
        };
        foreach (var view in views.Select(v => v with { Look = v.Look.Reduced(PageSide) }))
        {
            page.Add(new Heading($"{view.Map.Layer}, {view.HeadName}"));
            page.Add(new HeatMapGrid(
                ["patches", "smooth"],
                [.. look.Words.Select((word, w) => new HeatMapRow(word,
                    [new Frame(view.Overlay(w, HeatMapStyle.Nearest), view.Top(w, 1).First()), new Frame(view.Overlay(w, HeatMapStyle.Smooth), "")]))])
            {
                CellWidth = 300,
            });
            page.Add(new ColorBar(view.Options(HeatMapStyle.Nearest)));
            page.Add(new CodeBlock("Patches each word looks at most", string.Join('\n', view.Listing(top))));
        }

        page.Add(new ReportFooter(commandLine));
        var path = Path.Combine(folder, PageName);
        page.Save(path);
        return path;
    }

    private static string Join(IEnumerable<string> parts) => string.Join(new string(' ', Gap), parts).TrimEnd();

    private static string Fit(string text, int width) => text.Length <= width ? text.PadRight(width) : text[..width];

    /// <summary>A word as part of a file's name: letters, digits, dots; anything else becomes an underscore.</summary>
    private static string FileName(string word, int longest)
    {
        var name = new StringBuilder();
        foreach (var c in word.Length > longest ? word[..longest] : word) name.Append(char.IsLetterOrDigit(c) || c == '.' ? c : '_');
        return name.ToString();
    }
}
