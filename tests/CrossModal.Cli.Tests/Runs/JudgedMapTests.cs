using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Tests.Runs;

public sealed class JudgedMapTests
{
    private static readonly Faithfulness BelowNoise = new([], 0.1, 0.2, default, default);

    [Fact]
    public void A_map_that_cannot_be_judged_keeps_its_colours_and_says_so()
    {
        var map = Map();
        var judged = JudgedMap.Judged(new CaptionedPicture(map, "3.0×"), null, new VerdictTexts(ToolLanguage.English));
        Assert.Same(map, judged.Image);
        Assert.Equal("3.0×, faithfulness not measured", judged.Caption);
        Assert.Equal("未测量可信度",
            JudgedMap.Judged(new CaptionedPicture(map, ""), null, new VerdictTexts(ToolLanguage.Chinese)).Caption);
    }

    [Fact]
    public void A_map_whose_effect_is_below_the_noise_is_grey_and_says_so()
    {
        var judged = JudgedMap.Judged(new CaptionedPicture(Map(), "3.0×"), BelowNoise, new VerdictTexts(ToolLanguage.English));
        Assert.Equal(GreyedPicture.Of(Map(), "effect below noise").Pixels, judged.Image.Pixels);
        Assert.Equal("3.0×, effect below noise", judged.Caption);
    }

    [Fact]
    public void The_file_of_a_scene_under_two_instructions_has_the_verdict_under_each_map()
    {
        var (scene, map) = (new RgbImage(SceneWithTwoInstructions.Side, SceneWithTwoInstructions.Side), Map());
        var file = new SceneWithTwoInstructions(scene, [("a", map, null), ("b", map, BelowNoise)]).Joined();
        var (first, second) = (Under("faithfulness not measured"), Under("effect below noise"));
        Assert.NotEqual(first.Pixels, second.Pixels);
        Assert.True(file.Height > scene.Height);
        Assert.Equal(first.Pixels, Cut(1));
        Assert.Equal(second.Pixels, Cut(2));

        RgbImage Under(string words) => PictureGrid.Captioned(new CaptionedPicture(map, words));
        byte[] Cut(int place)
        {
            var cut = new RgbImage(first.Width, first.Height);
            cut.Paste(file, -4 - place * (first.Width + 4), 0);
            return cut.Pixels;
        }
    }

    private static RgbImage Map()
    {
        var map = new RgbImage(SceneWithTwoInstructions.Side, SceneWithTwoInstructions.Side);
        map.Fill(new Rgb(200, 30, 90));
        return map;
    }
}
