using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public class DrawingTests
{
    private static readonly Rgb White = new(255, 255, 255);

    [Fact]
    public void Letters_look_like_letters()
    {
        var image = new RgbImage(11, 8);
        Drawing.Text(image, "Lg", 0, 0, White);
        string[] expected =
        [
            "#..........",
            "#..........",
            "#......####",
            "#.....#...#",
            "#.....#...#",
            "#......####",
            "#####.....#",
            ".......###.",
        ];
        for (var y = 0; y < 8; y++)
            Assert.Equal(expected[y], string.Concat(Enumerable.Range(0, 11).Select(x => image[x, y] == White ? '#' : '.')));
        Assert.Equal(11, Drawing.TextWidth("Lg"));
        Assert.Equal(22, Drawing.TextWidth("Lg", 2));
    }

    [Fact]
    public void Every_printable_character_has_its_own_picture()
    {
        var seen = new HashSet<string>();
        foreach (var character in Enumerable.Range(' ', 95).Select(i => (char)i).Concat("×·→杯"))
        {
            var image = new RgbImage(6, 8);
            Drawing.Text(image, character.ToString(), 0, 0, White);
            Assert.True(seen.Add(Convert.ToHexString(image.Pixels)), $"'{character}' looks like another");
            Assert.Equal(default, image[5, 3]);
        }
    }

    [Fact]
    public void Drawing_outside_is_cut_off()
    {
        var image = new RgbImage(5, 5);
        Drawing.Text(image, "outside", -9, -3, White, 3);
        Drawing.Rectangle(image, -2, 3, 4, 40, White);
        Assert.Equal(White, image[1, 4]);
        image.Paste(new RgbImage(9, 9), -4, -4);
        image.Paste(new RgbImage(9, 9), 20, 20);
        Assert.Equal(default, image[1, 4]);
    }

    [Fact]
    public void Lines_break_between_words()
    {
        Assert.Equal(["pick up", "the red", "cup"], Drawing.Wrap("pick up the red cup", 7 * 6));
        Assert.Equal(["abc", "def", "g h"], Drawing.Wrap("abcdefg h", 3 * 6));
        Assert.Empty(Drawing.Wrap(" ", 100));
    }

    [Fact]
    public void An_outline_follows_the_mask()
    {
        var image = new RgbImage(6, 6);
        var mask = new bool[36];
        foreach (var (x, y) in new[] { (2, 2), (3, 2), (4, 2), (2, 3), (3, 3), (4, 3), (2, 4), (3, 4), (4, 4) })
            mask[y * 6 + x] = true;
        Drawing.Outline(image, mask, White);
        Assert.Equal(White, image[2, 2]);
        Assert.Equal(default, image[3, 3]);
        Assert.Equal(White, image[4, 3]);
        Assert.Equal(default, image[1, 2]);
        Assert.Throws<ArgumentException>(() => Drawing.Outline(image, new bool[35], White));
    }

    [Fact]
    public void Only_padding_is_hatched()
    {
        var letterbox = Letterbox.Fit(64, 32, 32);
        var square = letterbox.Apply(new RgbImage(64, 32)).Enlarge(2);
        Drawing.HatchPadding(square, letterbox);
        Assert.NotEqual(default, square[0, 0]);
        for (var y = 16; y < 48; y++)
            for (var x = 0; x < 64; x++)
                Assert.Equal(default, square[x, y]);
        Assert.Contains(Enumerable.Range(0, 64), x => square[x, 63] != default);
        Assert.Throws<ArgumentException>(() => Drawing.HatchPadding(new RgbImage(33, 33), letterbox));
    }
}
