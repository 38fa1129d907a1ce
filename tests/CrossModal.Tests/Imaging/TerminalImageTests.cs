using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public class TerminalImageTests
{
    [Theory]
    [InlineData(null, "truecolor", "xterm-256color", TerminalColors.TrueColor)]
    [InlineData("", "24bit", "xterm", TerminalColors.TrueColor)]
    [InlineData("1", "truecolor", "xterm-256color", TerminalColors.None)]
    [InlineData(null, null, "screen-256color", TerminalColors.Palette256)]
    [InlineData(null, null, "vt100", TerminalColors.None)]
    [InlineData(null, "truecolor", "dumb", TerminalColors.None)]
    [InlineData(null, null, null, TerminalColors.None)]
    public void The_environment_decides(string? noColor, string? colorTerm, string? term, TerminalColors expected) =>
        Assert.Equal(expected, TerminalImage.Choose(noColor, colorTerm, term));

    [Fact]
    public void Two_rows_share_a_character_and_colours_are_set_where_they_change()
    {
        var image = new RgbImage(2, 2);
        image[0, 0] = new Rgb(255, 0, 0);
        image[1, 0] = new Rgb(255, 0, 0);
        image[0, 1] = new Rgb(0, 0, 255);
        image[1, 1] = new Rgb(1, 2, 3);
        Assert.Equal(
            "\u001b[38;2;255;0;0m\u001b[48;2;0;0;255m▀\u001b[48;2;1;2;3m▀\u001b[0m\n",
            TerminalImage.Render(image, 2, TerminalColors.TrueColor));
        Assert.Equal(
            "\u001b[38;5;196m\u001b[48;5;21m▀\u001b[48;5;16m▀\u001b[0m\n",
            TerminalImage.Render(image, 2, TerminalColors.Palette256));
    }

    [Fact]
    public void Greys_use_the_grey_ramp_of_256_colours()
    {
        var image = new RgbImage(2, 2);
        image.Fill(new Rgb(118, 118, 118));
        Assert.Equal("\u001b[38;5;243m\u001b[48;5;243m▀▀\u001b[0m\n", TerminalImage.Render(image, 2, TerminalColors.Palette256));
    }

    [Fact]
    public void Without_colours_brightness_becomes_characters()
    {
        var image = new RgbImage(4, 2);
        for (var y = 0; y < 2; y++)
            for (var x = 0; x < 4; x++)
                image[x, y] = new Rgb((byte)(85 * x), (byte)(85 * x), (byte)(85 * x));
        Assert.Equal(" -*@\n", TerminalImage.Render(image, 4, TerminalColors.None));
        Assert.DoesNotContain('\u001b', TerminalImage.Render(image, 4, TerminalColors.None));
    }

    [Fact]
    public void The_shape_is_kept()
    {
        var lines = TerminalImage.Render(new RgbImage(640, 360), 80, TerminalColors.None).Split('\n')[..^1];
        Assert.Equal(22, lines.Length);
        Assert.All(lines, line => Assert.Equal(80, line.Length));
        Assert.Single(TerminalImage.Render(new RgbImage(900, 1), 10, TerminalColors.TrueColor).Split('\n')[..^1]);
    }
}
