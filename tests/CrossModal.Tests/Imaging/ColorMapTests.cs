using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public class ColorMapTests
{
    // Every sixteenth of the 256 published colours, from the fifth on, then the last.
    private const string Viridis =
        "46075A 481D6F 46327E 404588 39568C 31678E 2A768E 25858E 1F948C 20A386 2DB27D 46C06F 67CC5C 8ED645 B8DE29 E2E418 FDE725";

    private const string Inferno =
        "02010A 10092D 280B53 440A68 5D126E 771C6D 902568 A92E5E C13A50 D74B3F E8602D F47918 FB9606 FCB418 F7D340 F1F179 FCFFA4";

    [Theory]
    [InlineData("viridis", Viridis)]
    [InlineData("inferno", Inferno)]
    public void Colours_stay_within_two_of_the_published_ones(string name, string published)
    {
        var map = ColorMap.All.Single(m => m.Name == name);
        var colors = published.Split(' ');
        for (var i = 0; i < colors.Length; i++)
        {
            var index = Math.Min(4 + 16 * i, 255);
            var wanted = Convert.ToInt32(colors[i], 16);
            var got = map.At(index / 255.0);
            Assert.InRange(got.R - (wanted >> 16), -2, 2);
            Assert.InRange(got.G - (wanted >> 8 & 255), -2, 2);
            Assert.InRange(got.B - (wanted & 255), -2, 2);
        }
    }

    [Theory]
    [InlineData("viridis")]
    [InlineData("inferno")]
    public void The_default_maps_only_get_brighter(string name)
    {
        var map = ColorMap.All.Single(m => m.Name == name);
        for (var i = 1; i <= 64; i++)
            Assert.True(map.At(i / 64.0).Luma >= map.At((i - 1) / 64.0).Luma);
    }

    [Fact]
    public void Turbo_is_its_authors_polynomial()
    {
        Assert.Equal(new Rgb(35, 23, 27), ColorMap.Turbo.At(0));
        Assert.Equal(new Rgb(150, 250, 80), ColorMap.Turbo.At(0.5));
        Assert.Equal(new Rgb(144, 13, 0), ColorMap.Turbo.At(1));
    }

    [Fact]
    public void The_signed_map_is_dark_in_the_middle_and_equally_bright_at_the_ends()
    {
        var (low, middle, high) = (ColorMap.CyanYellow.At(0), ColorMap.CyanYellow.At(0.5), ColorMap.CyanYellow.At(1));
        Assert.True(low.B > low.R && high.R > high.B);
        Assert.True(middle.Luma < 32);
        Assert.InRange(low.Luma - high.Luma, -20, 20);
    }

    [Fact]
    public void Numbers_outside_are_clamped_and_nan_is_grey()
    {
        foreach (var map in ColorMap.All)
        {
            Assert.Equal(map.At(0), map.At(double.NegativeInfinity));
            Assert.Equal(map.At(1), map.At(7));
            Assert.Equal(new Rgb(128, 128, 128), map.At(double.NaN));
        }
    }
}
