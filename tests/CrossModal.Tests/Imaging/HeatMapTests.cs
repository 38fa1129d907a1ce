using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public class HeatMapTests
{
    private static readonly HeatMapOptions Opaque = new() { AlphaMax = 1 };

    [Theory]
    [InlineData("heatmap_32x48_p8", 32, 48, 8)]
    [InlineData("heatmap_30x21_p7_remainder", 30, 21, 7)]
    public void The_block_fill_is_exactly_the_tutorials(string name, int height, int width, int patch)
    {
        var file = SafeTensors.Read(Path.Combine(ReferenceFolders.Fixtures, "golden", "tutorial", name + ".safetensors"));
        var weights = file["in/weights"].ToSingles();
        var expected = file["out/heatmap"].ToSingles();
        int rows = height / patch, columns = width / patch, tokens = file["in/weights"].Shape[0];
        for (var token = 0; token < tokens; token++)
            Assert.Equal(
                expected.AsSpan(token * height * width, height * width).ToArray(),
                HeatMap.FillPixels(weights.AsSpan(token * rows * columns, rows * columns), rows, columns, height, width, patch));
    }

    [Fact]
    public void A_grid_that_does_not_fit_is_refused()
    {
        Assert.Equal(
            "FillPixels: 2x2 patches of 8 pixels do not fit 16x15 (height x width)",
            Assert.Throws<ArgumentException>(() => HeatMap.FillPixels(new float[4], 2, 2, 16, 15, 8)).Message);
        Assert.Equal(
            "HeatMap: 5 weights for a grid of 2x2 patches",
            Assert.Throws<ArgumentException>(() => HeatMap.Overlay(new RgbImage(4, 4), new float[5], 2, 2)).Message);
        Assert.Equal(
            "HeatMap: the weight of patch (1, 0) is NaN",
            Assert.Throws<ArgumentException>(() => HeatMap.Overlay(new RgbImage(4, 4), [0, 0, float.NaN, 0], 2, 2)).Message);
        Assert.StartsWith(
            "HeatMap: the letterbox was made for 8x8, the photograph has 4x4",
            Assert.Throws<ArgumentException>(
                () => HeatMap.Overlay(new RgbImage(4, 4), new float[4], 2, 2, null, Letterbox.Fit(8, 8, 4))).Message);
    }

    [Fact]
    public void Patches_are_coloured_by_multiples_of_uniform_on_one_scale()
    {
        var scale = HeatMapScale.Multiples(1, 16);
        Assert.Equal(0, scale.Position(0, 4));
        Assert.Equal(0, scale.Position(0.1f, 4));
        Assert.Equal(0, scale.Position(0.25f, 4), 1e-9);
        Assert.Equal(0.25, scale.Position(0.5f, 4), 1e-9);
        Assert.Equal(0.5, scale.Position(1f, 4), 1e-9);
        Assert.Equal(1, scale.Position(1f, 400));
        Assert.Equal(["1×", "2×", "4×", "8×", "16×"], scale.Ticks.Select(t => t.Label));
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], scale.Ticks.Select(t => t.Position));
        Assert.Equal(["1/4×", "1/2×", "1×", "2×"], HeatMapScale.Multiples(0.25, 3).Ticks.Select(t => t.Label));

        // Other patches of the frame do not change a patch's colour.
        var photo = new RgbImage(40, 20);
        var a = HeatMap.Overlay(photo, [0.5f, 0.5f, 0, 0, 0, 0, 0, 0], 2, 4);
        var b = HeatMap.Overlay(photo, [0.5f, 0, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0], 2, 4);
        Assert.Equal(a[3, 3], b[3, 3]);
        Assert.NotEqual(default, a[3, 3]);
    }

    [Fact]
    public void Rows_and_columns_land_where_they_belong()
    {
        var photo = new RgbImage(90, 40);
        photo.Fill(new Rgb(100, 100, 100));
        var weights = new float[2 * 3];
        weights[1 * 3 + 2] = 1;
        var image = HeatMap.Overlay(photo, weights, 2, 3, Opaque with { Scale = HeatMapScale.Multiples(1, 6) });
        var top = ColorMap.Viridis.At(1);
        Assert.Equal(top, image[60, 20]);
        Assert.Equal(top, image[89, 39]);
        Assert.Equal(new Rgb(80, 80, 80), image[59, 20]);
        Assert.Equal(new Rgb(80, 80, 80), image[60, 19]);
    }

    [Fact]
    public void The_photograph_turns_grey_and_opacity_follows_the_power_law()
    {
        var photo = new RgbImage(2, 1);
        photo.Fill(new Rgb(255, 0, 0));
        var options = new HeatMapOptions { AlphaMax = 0.8, Scale = HeatMapScale.Multiples(1, 4) };
        // Two patches: 2x uniform on a scale of 1 to 4 is t = 1/2; the other has nothing.
        var image = HeatMap.Overlay(photo, [1f, 0f], 1, 2, options);
        var grey = new Rgb(61, 61, 61);
        Assert.Equal(grey, image[1, 0]);
        Assert.Equal(Rgb.Mix(grey, ColorMap.Viridis.At(128 / 255.0), 0.8 * Math.Pow(128 / 255.0, 0.7)), image[0, 0]);
    }

    [Fact]
    public void Smooth_interpolates_numbers_before_colours()
    {
        var photo = new RgbImage(300, 1);
        var options = Opaque with { Style = HeatMapStyle.Smooth, Scale = HeatMapScale.Signed(1), Map = ColorMap.CyanYellow };
        var image = HeatMap.Overlay(photo, [-1f, 1f, 1f], 1, 3, options);
        Assert.Equal(ColorMap.CyanYellow.At(0), image[20, 0]);
        // Halfway between the centres of -1 and +1 lies 0, which is drawn not at all; mixing colours would give green.
        Assert.True(image[100, 0].Luma < 8, image[100, 0].ToString());
        Assert.Equal(ColorMap.CyanYellow.At(1), image[200, 0]);
    }

    [Fact]
    public void A_letterbox_is_undone()
    {
        // 64x36 content from row 14 on: patch (2, 7) of 8x8 sees picture pixels 560-640 by 20-100.
        var photo = new RgbImage(640, 360);
        var weights = new float[64];
        weights[2 * 8 + 7] = 1;
        weights[3] = 1;
        var image = HeatMap.Overlay(photo, weights, 8, 8, Opaque, Letterbox.Fit(640, 360, 64));
        for (var y = 0; y < 360; y++)
            for (var x = 0; x < 640; x++)
                Assert.Equal(x >= 560 && y is >= 20 and < 100, image[x, y] != default);
    }

    [Fact]
    public void Small_frames_can_be_enlarged_and_odd_sizes_are_drawn()
    {
        var photo = new RgbImage(7, 5);
        var image = HeatMap.Overlay(photo, [0, 0, 1f, 0], 2, 2, Opaque with { Enlarge = 6 });
        Assert.Equal((42, 30), (image.Width, image.Height));
        Assert.NotEqual(default, image[20, 15]);
        Assert.Equal(default, image[21, 15]);
        Assert.Equal(default, image[20, 14]);
        foreach (var style in Enum.GetValues<HeatMapStyle>())
            foreach (var (width, height) in new[] { (1, 1), (3, 200), (200, 3) })
                HeatMap.Figure(new RgbImage(width, height), new float[49], 7, 7, "any size", new HeatMapOptions { Style = style });
    }

    [Fact]
    public void The_figure_has_the_overlay_between_title_and_bar()
    {
        var photo = new RgbImage(200, 100);
        photo.Fill(new Rgb(50, 50, 50));
        var weights = new float[4];
        weights[0] = 1;
        var overlay = HeatMap.Overlay(photo, weights, 2, 2);
        var figure = HeatMap.Figure(photo, weights, 2, 2, "\"red\", layer 1");
        var top = Enumerable.Range(0, figure.Height - 100).First(y => figure[100, y] == overlay[100, 0] && figure[0, y] == overlay[0, 0]);
        for (var y = 0; y < 100; y++)
            for (var x = 0; x < 200; x++)
                Assert.Equal(overlay[x, y], figure[x, top + y]);
        Assert.Contains(Enumerable.Range(0, top * 200), i => figure[i % 200, i / 200] == new Rgb(236, 236, 236));
        Assert.True(figure.Height > top + 100 + 20);
    }

    [Fact]
    public void A_stretched_scale_says_so()
    {
        var scale = HeatMapScale.FittedTo([0.1f, 0.4f, 0.5f, 0f]);
        Assert.Equal(0, scale.Position(0.1f, 4), 1e-6);
        Assert.Equal(1, scale.Position(0.5f, 4), 1e-6);
        Assert.Contains("stretched to this frame", scale.Unit);
        Assert.Equal(1, HeatMapScale.FittedTo([0.5f, 0.5f]).Position(0.5f, 2));
        Assert.Throws<ArgumentException>(() => HeatMapScale.FittedTo([0f, 0f]));
        Assert.Throws<ArgumentException>(() => HeatMapScale.Multiples(2, 2));
        Assert.Throws<ArgumentException>(() => HeatMapScale.Signed(0));
    }
}
