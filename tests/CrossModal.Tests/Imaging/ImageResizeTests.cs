using System.Security.Cryptography;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public class ImageResizeTests
{
    [Theory]
    [InlineData(nameof(ResizeFilter.Nearest))]
    [InlineData(nameof(ResizeFilter.Bilinear))]
    [InlineData(nameof(ResizeFilter.BilinearAntialias))]
    [InlineData(nameof(ResizeFilter.BicubicAntialias))]
    [InlineData(nameof(ResizeFilter.LanczosAntialias))]
    public void The_same_size_changes_nothing_and_a_flat_plane_stays_flat(string name)
    {
        var filter = Enum.Parse<ResizeFilter>(name);
        var random = new Random(1);
        var plane = Enumerable.Range(0, 35).Select(_ => random.NextSingle()).ToArray();
        Assert.Equal(plane, ImageResize.Resize(plane, 5, 7, 5, 7, filter));
        foreach (var (rows, columns) in new[] { (1, 1), (3, 20), (11, 2) })
            foreach (var value in ImageResize.Resize(Enumerable.Repeat(3f, 35).ToArray(), 5, 7, rows, columns, filter))
                Assert.Equal(3f, value, 1e-5f);
    }

    [Fact]
    public void Bilinear_uses_half_pixel_centres()
    {
        // torch.nn.functional.interpolate([0, 1], size=4, mode="linear", align_corners=False) = [0, 0.25, 0.75, 1]
        Assert.Equal([0f, 0.25f, 0.75f, 1f], ImageResize.Resize([0f, 1f], 1, 2, 1, 4, ResizeFilter.Bilinear));
        Assert.Equal([0f, 0.25f, 0.75f, 1f], ImageResize.Resize([0f, 1f], 2, 1, 4, 1, ResizeFilter.Bilinear));
        // Without antialias, shrinking by 4 looks at the two pixels around each centre only.
        Assert.Equal([1.5f, 5.5f], ImageResize.Resize([0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f], 1, 8, 1, 2, ResizeFilter.Bilinear));
    }

    [Fact]
    public void Antialias_widens_the_triangle_when_shrinking()
    {
        // Shrinking 4 to 2: weights 1/8, 3/8, 3/8, 1/8 inside, cut off and normalised at the border (3/7, 3/7, 1/7).
        var halves = ImageResize.Resize([7f, 0f, 0f, 0f], 1, 4, 1, 2, ResizeFilter.BilinearAntialias);
        Assert.Equal(3f, halves[0], 1e-5f);
        Assert.Equal(0f, halves[1], 1e-5f);
        var third = ImageResize.Resize([0f, 0f, 7f, 0f], 1, 4, 1, 2, ResizeFilter.BilinearAntialias);
        Assert.Equal(1f, third[0], 1e-5f);
        Assert.Equal(3f, third[1], 1e-5f);
        // Enlarging needs no widening.
        Assert.Equal(
            ImageResize.Resize([0f, 5f, 1f], 1, 3, 1, 7, ResizeFilter.Bilinear),
            ImageResize.Resize([0f, 5f, 1f], 1, 3, 1, 7, ResizeFilter.BilinearAntialias));
    }

    [Fact]
    public void Antialias_keeps_the_mean_of_stripes_that_nearest_loses()
    {
        var stripes = new RgbImage(64, 64);
        for (var y = 0; y < 64; y++)
            for (var x = 0; x < 64; x++)
                stripes[x, y] = x % 4 == 0 ? new Rgb(200, 100, 40) : default;
        var small = ImageResize.Resize(stripes, 8, 8, ResizeFilter.BilinearAntialias);
        Assert.Equal(new Rgb(50, 25, 10), small[4, 4]);
        Assert.All(ImageResize.Resize(stripes, 16, 8, ResizeFilter.Nearest).Pixels, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Nearest_takes_the_pixel_under_the_centre() => Assert.Equal(
        [1f, 1f, 2f, 3f, 3f], ImageResize.Resize([1f, 2f, 3f], 1, 3, 1, 5, ResizeFilter.Nearest));

    [Fact]
    public void Width_and_height_are_not_swapped()
    {
        var image = new RgbImage(4, 2);
        image[3, 0] = new Rgb(9, 9, 9);
        var large = ImageResize.Resize(image, 8, 6, ResizeFilter.Nearest);
        Assert.Equal((8, 6), (large.Width, large.Height));
        Assert.Equal(new Rgb(9, 9, 9), large[7, 2]);
        Assert.Equal(default, large[7, 3]);
        Assert.Equal(default, large[5, 0]);
    }

    [Theory]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), 45, 31, "cb4c0b7a29386896")]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), 16, 16, "368d65dd233622f4")]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), 100, 70, "774deb8d484fe926")]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), 7, 50, "0b2fd7e3ac48cfca")]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), 90, 3, "377840541865e013")]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), 1, 1, "35a5dd56038dc220")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), 45, 31, "cb4c0b7a29386896")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), 16, 16, "4b8e3add63edafaa")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), 100, 70, "0308ae04f0f782b1")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), 7, 50, "b32bed4f72fa2010")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), 90, 3, "115340bf5d0bc37f")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), 1, 1, "35a5dd56038dc220")]
    [InlineData(nameof(ResizeFilter.LanczosAntialias), 16, 16, "439ab21b7857b659")]
    [InlineData(nameof(ResizeFilter.LanczosAntialias), 100, 70, "48fa629728deafc9")]
    [InlineData(nameof(ResizeFilter.LanczosAntialias), 7, 50, "a550623d21964d89")]
    [InlineData(nameof(ResizeFilter.LanczosAntialias), 90, 3, "897aafc4bc2e5779")]
    [InlineData(nameof(ResizeFilter.Nearest), 16, 16, "ce33d4b3188981f2")]
    [InlineData(nameof(ResizeFilter.Nearest), 100, 70, "d2702e81acf08cd6")]
    [InlineData(nameof(ResizeFilter.Nearest), 90, 3, "a14acffc7f2c0915")]
    [InlineData(nameof(ResizeFilter.Nearest), 1, 1, "cd93d2e58da2dd28")]
    public void Pictures_become_what_Pillow_makes_of_them_bit_for_bit(string name, int width, int height, string pillow)
    {
        var filter = Enum.Parse<ResizeFilter>(name);
        // The first bytes of the SHA-256 of Image.open("photo.png").resize((width, height), filter).tobytes(), Pillow 9.4.
        var photo = Png.Read(Path.Combine(ReferenceFolders.Fixtures, "pictures", "photo.png"));
        Assert.Equal(pillow, Convert.ToHexStringLower(SHA256.HashData(ImageResize.Resize(photo, width, height, filter).Pixels))[..16]);
    }

    [Fact]
    public void Nearest_falls_where_Pillow_falls_for_all_sizes_up_to_64()
    {
        // Each of 1 to 64 pixels, numbered, in each of 1 to 64: the SHA-256 of all Image.resize((new, 1), NEAREST), Pillow 9.4. 618 of the
        // 4096 pairs of sizes have a tie that rounding decides.
        const string Pillow = "2c45a5aea9d1a1dd2a087ecc1d69bf30ce24a659ababe2a32c59ac517a05789c";
        foreach (var upright in new[] { false, true })
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var old = 1; old <= 64; old++)
            {
                byte[] line = [.. Enumerable.Range(0, 3 * old).Select(i => (byte)(i / 3))];
                var image = upright ? new RgbImage(1, old, line) : new RgbImage(old, 1, line);
                for (var size = 1; size <= 64; size++)
                {
                    var resized = upright ? ImageResize.Resize(image, 1, size, ResizeFilter.Nearest)
                        : ImageResize.Resize(image, size, 1, ResizeFilter.Nearest);
                    hash.AppendData([.. Enumerable.Range(0, size).Select(i => resized.Pixels[3 * i])]);
                }
            }

            Assert.Equal(Pillow, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }

        // The first of those ties: 2 pixels in 7.
        Assert.Equal([0f, 0f, 0f, 0f, 1f, 1f, 1f], ImageResize.Resize([0f, 1f], 1, 2, 1, 7, ResizeFilter.Nearest));
    }

    [Theory]
    [InlineData(nameof(ResizeFilter.BilinearAntialias), "332ee75ca4f76174")]
    [InlineData(nameof(ResizeFilter.BicubicAntialias), "0f21183353266ef1")]
    [InlineData(nameof(ResizeFilter.LanczosAntialias), "6f84e2d321c2a3d2")]
    public void Rows_of_all_sizes_up_to_64_become_what_Pillow_makes_of_them(string name, string pillow)
    {
        var filter = Enum.Parse<ResizeFilter>(name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var old = 1; old <= 64; old++)
        {
            var image = new RgbImage(old, 1, [.. Enumerable.Range(0, 3 * old).Select(i => (byte)(97 * i + 31 * old))]);
            for (var size = 1; size <= 64; size++) hash.AppendData(ImageResize.Resize(image, size, 1, filter).Pixels);
        }

        Assert.Equal(pillow, Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused() => Assert.StartsWith(
        "ImageResize: 5 values as [2,3] cannot become [4,4]",
        Assert.Throws<ArgumentException>(() => ImageResize.Resize(new float[5], 2, 3, 4, 4, ResizeFilter.Nearest)).Message);
}
