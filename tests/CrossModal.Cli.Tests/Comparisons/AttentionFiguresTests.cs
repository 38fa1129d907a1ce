using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Tests.Comparisons;

public sealed class AttentionFiguresTests
{
    private static readonly Row Row = new Results(SampleComparison.Build()).Rows[0];

    // The instruction is 'pick up the red cup', of which two words name something.
    private static readonly Film Unjudged = SampleComparison.Films("0123456789abcdef").Films[1];
    private static readonly Film Judged = Of(new FilmVerdict(0.61, 0.3), new FilmVerdict(0.12, 0.3));

    [Theory]
    [InlineData(false, "faithful +0.61", "no better than chance +0.12")]
    [InlineData(true, "可信 +0.61", "不优于随机 +0.12")]
    public void Beside_every_map_of_a_film_stand_its_score_and_verdict_and_one_no_better_than_chance_is_grey(bool inChinese,
        string faithful, string chance)
    {
        var page = new AttentionFigures(Language(inChinese)).Film(Row, Judged);
        Assert.Equal(["red", "cup"], page.Rows.Skip(1).Select(r => r.Name));
        Assert.All(page.Rows[1].Cells, map => Assert.Equal(($"25.6×, {faithful}", false), (map!.Caption, IsGrey(map.Image))));
        Assert.All(page.Rows[2].Cells, map => Assert.Equal(($"25.6×, {chance}", true), (map!.Caption, IsGrey(map.Image))));
        Assert.Contains(new VerdictTexts(Language(inChinese)).Note, page.Caption);
    }

    [Theory]
    [InlineData(false, "effect below noise")]
    [InlineData(true, "影响低于噪声")]
    public void A_map_of_a_decision_that_hardly_depends_on_its_picture_is_grey_and_has_no_score(bool inChinese, string verdict)
    {
        var page = new AttentionFigures(Language(inChinese)).Film(Row, Of(new FilmVerdict(null, 0), new FilmVerdict(null, 0)));
        Assert.All(page.Rows.Skip(1).SelectMany(r => r.Cells), map =>
            Assert.Equal(($"25.6×, {verdict}", true), (map!.Caption, IsGrey(map.Image))));
    }

    [Theory]
    [InlineData(false, "faithfulness not measured")]
    [InlineData(true, "未测量可信度")]
    public void A_film_of_before_maps_were_judged_says_that_it_was_not_measured(bool inChinese, string words)
    {
        var page = new AttentionFigures(Language(inChinese)).Film(Row, Unjudged);
        Assert.All(page.Rows.Skip(1).SelectMany(r => r.Cells), map =>
            Assert.Equal(($"25.6×, {words}", false), (map!.Caption, IsGrey(map.Image))));
        Assert.All(page.Rows[0].Cells, photo => Assert.Equal("", photo!.Caption));
    }

    [Fact]
    public void A_film_as_one_picture_has_the_verdict_under_every_map()
    {
        var strip = AttentionFigures.Strip(Judged);
        var page = new AttentionFigures(ToolLanguage.English).Film(Row, Judged);
        var (photo, red, cup) = (page.Rows[0].Cells[0]!.Image, page.Rows[1].Cells[0]!.Image, page.Rows[2].Cells[0]!.Image);
        var (below, belowCup) = (PictureGrid.Captioned(new CaptionedPicture(red, "faithful +0.61")),
            PictureGrid.Captioned(new CaptionedPicture(cup, "no better than chance +0.12")));
        Assert.True(below.Height > red.Height && belowCup.Height > below.Height);
        Assert.True(Holds(strip, photo, 0));
        Assert.True(Holds(strip, below, photo.Height + 4));
        Assert.True(Holds(strip, belowCup, photo.Height + below.Height + 8));

        var unjudged = PictureGrid.Captioned(new CaptionedPicture(red, "faithfulness not measured"));
        Assert.True(Holds(AttentionFigures.Strip(Unjudged), unjudged, photo.Height + 4));
    }

    private static ToolLanguage Language(bool inChinese) => inChinese ? ToolLanguage.Chinese : ToolLanguage.English;

    private static Film Of(FilmVerdict red, FilmVerdict cup) => Unjudged with
    {
        Frames = [.. Unjudged.Frames.Select(f => f with { Verdicts = [cup, cup, cup, red, cup] })],
    };

    private static bool IsGrey(RgbImage image) => Enumerable.Range(0, image.Pixels.Length / 3)
        .All(i => image.Pixels[3 * i] == image.Pixels[3 * i + 1] && image.Pixels[3 * i] == image.Pixels[3 * i + 2]);

    /// <summary>Whether a picture stands to the right of the rows' names, at some height.</summary>
    private static bool Holds(RgbImage whole, RgbImage part, int top) => Enumerable.Range(0, whole.Width - part.Width).Any(left =>
        Enumerable.Range(0, part.Height).All(y => whole.Pixels.AsSpan(3 * ((top + y) * whole.Width + left), 3 * part.Width)
            .SequenceEqual(part.Pixels.AsSpan(3 * y * part.Width, 3 * part.Width))));
}
