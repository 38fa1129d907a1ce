using System.Globalization;
using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Commands;

/// <summary>One layer of a result: one head, or the mean of all.</summary>
/// <param name="Result">The attention of the image.</param>
/// <param name="Map">The layer.</param>
/// <param name="Head">The head, from 0; null for the mean.</param>
/// <param name="Language">The language of the listing.</param>
internal sealed record AttendView(AttentionResult Result, WordMap Map, int? Head, ToolLanguage Language = ToolLanguage.English)
{
    // Small camera frames are enlarged until their longer side is about this, in pixels.
    private const int FigureSide = 384;
    private const double PaddingWorthMentioning = 0.05;
    private const int CellWidth = 24;
    private const int LongestTitleWord = 40;

    // Words that hold a sentence together; their weights are listed but not drawn on the terminal.
    private static readonly HashSet<string> FunctionWords =
        ["a", "an", "the", "of", "in", "on", "onto", "into", "to", "at", "by", "up", "and", "it", "its", "is", "that", "this", "with",
            "from", "please",
            "的", "请", "把", "将", "往", "向", "在", "上", "上面", "来"];

    /// <summary>For every word whether its map is faithful; null of a model that decides on nothing.</summary>
    public IReadOnlyList<Faithfulness?> Faithfulness { get; init; } = [];

    /// <summary>Whether the listing gives the baselines of every verdict.</summary>
    public bool Detailed { get; init; }

    /// <summary>How the layer is called: with its camera, where there are several.</summary>
    public string LayerName => Result.Camera is { } camera ? $"{Map.Layer} ({camera})" : Map.Layer;

    /// <summary>How the head is called: <c>head 2</c>, or <c>mean of 4 heads</c>.</summary>
    public string HeadName => NameOfHead(new AttendTexts(Language));

    /// <summary>Places of the words that mean something, in the instruction; all of them when none does.</summary>
    public IReadOnlyList<int> ContentWords
    {
        get
        {
            var content = Enumerable.Range(0, Result.Words.Count).Where(w => !FunctionWords.Contains(Result.Words[w])).ToList();
            return content.Count > 0 ? content : [.. Enumerable.Range(0, Result.Words.Count)];
        }
    }

    /// <summary>A word's weights over the patches.</summary>
    public float[] Weights(int word) => Head is { } head ? Map.Head(head, word).ToArray() : Map.Mean(word);

    /// <summary>The patches with the largest weights of a word, each as <c>(row, column) weight multiple×</c>.</summary>
    public IEnumerable<string> Top(int word, int count) => TopPatches.Of(Weights(word), count).Select(Describe);

    /// <summary>The textbook's listing: a line for every word with its patches, largest weight first.</summary>
    public IEnumerable<string> Listing(int count)
    {
        var texts = new AttendTexts(Language);
        var header = texts.Listing(LayerName, HeadName, Map.Grid, 1.0 / Map.Grid.Count);
        yield return IsMeasured ? header : $"{header}{Language.Pick("; ", "；")}{new VerdictTexts(Language).NotMeasured}";
        var widest = Result.Words.Max(DisplayWidth.Of);
        for (var w = 0; w < Result.Words.Count; w++)
        {
            var padding = Result.OnPadding(Map, Weights(w));
            var note = padding > PaddingWorthMentioning ? texts.OnPadding(padding) : "";
            var measured = Judgement(w);
            var verdict = measured is null || Detailed ? "" : $"  {new VerdictTexts(Language).Of(measured)}";
            yield return $"  {DisplayWidth.Pad(Result.Words[w], widest)}  {string.Concat(Top(w, count).Select(t => t.PadRight(CellWidth)))}{note}{verdict}".TrimEnd();
            if (measured is not null && Detailed) yield return $"  {new string(' ', widest)}  {measured}";
        }
    }

    /// <summary>The photograph with a word's map over it, the letterbox undone.</summary>
    public RgbImage Overlay(int word, HeatMapStyle style) =>
        Judged(word, HeatMap.Overlay(Result.Photo, Weights(word), Map.Grid.Rows, Map.Grid.Columns, Options(style), Result.Letterbox));

    /// <summary>Whether the font of pictures has every character of a word; where it has not, titles give the word's number.</summary>
    public bool IsWritable(int word) => Drawing.CanWrite(Result.Words[word]);

    /// <summary>The same with a title of word, layer and head above and the colour bar below.</summary>
    public RgbImage Figure(int word, HeatMapStyle style)
    {
        var layer = Drawing.CanWrite(LayerName) ? LayerName : Map.Layer;
        var title = $"{Title(word)} · {layer} · {NameOfHead(new AttendTexts(ToolLanguage.English))}{Verdict(word)}";
        return Judged(word, HeatMap.Figure(Result.Photo, Weights(word), Map.Grid.Rows, Map.Grid.Columns, title, Options(style),
            Result.Letterbox));
    }

    /// <summary>A word's map for a terminal: over the photograph in colours, or alone where there are none.</summary>
    public string ForTerminal(int word, int columns, TerminalColors colors)
    {
        if (colors != TerminalColors.None) return TerminalImage.Render(Overlay(word, HeatMapStyle.Nearest), columns, colors);

        // Without colours the photograph's light and dark could not be distinguished from the map's.
        var black = new RgbImage(Result.Photo.Width, Result.Photo.Height);
        var options = Options(HeatMapStyle.Nearest) with { AlphaMax = 1, Map = ColorMap.Inferno };
        return TerminalImage.Render(HeatMap.Overlay(black, Weights(word), Map.Grid.Rows, Map.Grid.Columns, options, Result.Letterbox),
            columns, colors);
    }

    /// <summary>How the maps are drawn: one scale for all words, layers and heads.</summary>
    public HeatMapOptions Options(HeatMapStyle style) =>
        new() { Style = style, Enlarge = Math.Max(1, FigureSide / Math.Max(Result.Photo.Width, Result.Photo.Height)) };

    // Titles of pictures are in English: the font of pictures has no Chinese characters.
    private string NameOfHead(AttendTexts texts) => Head is { } head ? texts.Head(head) : Map.Heads == 1 ? texts.OneMap
        : texts.MeanOf(Map.Heads);

    private string Title(int word) => IsWritable(word) ? Quoted.Shortened(Result.Words[word], LongestTitleWord) : $"word {word + 1}";

    private string Verdict(int word) => $" · {new VerdictTexts(ToolLanguage.English).Of(Judgement(word))}";

    private bool IsMeasured => Faithfulness.Any(measured => measured is not null);

    private Faithfulness? Judgement(int word) => word < Faithfulness.Count ? Faithfulness[word] : null;

    /// <summary>A drawing in grey, unless the word's map is faithful or was not judged.</summary>
    private RgbImage Judged(int word, RgbImage drawing) =>
        JudgedMap.Drawn(drawing, Judgement(word));

    private string Describe((int Patch, float Weight) patch) => string.Create(CultureInfo.InvariantCulture,
        $"({patch.Patch / Map.Grid.Columns}, {patch.Patch % Map.Grid.Columns}) {patch.Weight:0.0000} {patch.Weight * Map.Grid.Count:0.0}×");
}
