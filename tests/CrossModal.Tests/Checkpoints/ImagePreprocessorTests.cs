using System.Globalization;
using System.Text;
using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Checkpoints;

public sealed class ImagePreprocessorTests
{
    private const string Clip = "\"image_mean\": [0.48145466, 0.4578275, 0.40821073], \"image_std\": [0.26862954, 0.26130258, 0.27577711]";

    // Three values (red upper left, green in the middle of the rows and a third of the columns, blue lower right) and the sum of
    // magnitudes, as the processors' steps give them with Pillow 9.4 and NumPy 1.24 on a picture of 45×31.
    [Theory]
    [InlineData("{\"feature_extractor_type\": \"CLIPFeatureExtractor\", \"size\": 20, \"crop_size\": 16, \"resample\": 3, " + Clip + "}",
        16, 16, "0.674871563911438 0.4990682005882263 0.14086775481700897 446.79863139928784")]
    [InlineData("{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": 12}, \"crop_size\": {\"height\": 19, " +
        "\"width\": 19}}", 19, 19, "-1.7922625541687012 0.46905264258384705 -1.480219841003418 1123.74934393086")]
    [InlineData("{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": 20}, \"crop_size\": 16, \"resample\": 2}",
        16, 16, "0.5726826190948486 0.4990682005882263 0.11242762953042984 434.1823066038778")]
    [InlineData("{\"image_processor_type\": \"BlipImageProcessor\", \"size\": {\"height\": 24, \"width\": 24}, \"rescale_factor\": " +
        "0.00392156862745098}", 24, 24, "1.0106353759765625 0.5140759348869324 0.1693078875541687 977.1004585846094")]
    [InlineData("{\"image_processor_type\": \"BlipImageProcessor\", \"size\": 24}", 24, 24,
        "1.0106353759765625 0.5140759348869324 0.1693078875541687 977.1004585846094")]
    [InlineData("{\"feature_extractor_type\": \"ViltFeatureExtractor\", \"size\": 32, \"size_divisor\": 8, \"image_mean\": [0.5, 0.5, " +
        "0.5], \"image_std\": [0.5, 0.5, 0.5]}", 32, 40, "0.5058823823928833 0.16078436374664307 -0.09019607305526733 1273.286330461502")]
    [InlineData("{\"image_processor_type\": \"ViltImageProcessor\", \"size\": {\"shortest_edge\": 50}, \"size_divisor\": 16}", 48, 64,
        "0.5058823823928833 0.16078436374664307 -0.09019607305526733 3063.058958172798")]
    public void Pictures_are_prepared_as_the_public_processors_do(string config, int height, int width, string expected)
    {
        var pixels = Read(config).Prepare(Photo()).Pixels;
        Assert.Equal([1, 3, height, width], pixels.Shape.Sizes.ToArray());
        var numbers = expected.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(numbers[0], pixels[0, 0, 0, 0], 1e-6);
        Assert.Equal(numbers[1], pixels[0, 1, height / 2, width / 3], 1e-6);
        Assert.Equal(numbers[2], pixels[0, 2, height - 1, width - 1], 1e-6);
        Assert.Equal(numbers[3], pixels.ToArray().Sum(p => (double)Math.Abs(p)), 1e-3);
    }

    [Fact]
    public void What_is_seen_is_the_middle_of_the_picture_where_it_is_cut()
    {
        var seen = Read("{\"feature_extractor_type\": \"CLIPFeatureExtractor\", \"size\": 20, \"crop_size\": 16}").Prepare(Photo());

        // 45×31 becomes 29×20; the 16 columns begin at the 7th (half of 13, down), the 16 rows at the 3rd.
        Assert.Equal([6 * 45 / 29.0, 2 * 31 / 20.0, 22 * 45 / 29.0, 18 * 31 / 20.0], [seen.Left, seen.Top, seen.Right, seen.Bottom],
            (a, b) => Math.Abs(a - b) < 1e-9);
        var whole = Read("{\"image_processor_type\": \"BlipImageProcessor\", \"size\": 24}").Prepare(Photo());
        Assert.Equal((0, 0, 45, 31), (whole.Left, whole.Top, whole.Right, whole.Bottom));
    }

    [Fact]
    public void A_batch_is_filled_up_to_its_largest_with_a_mask_of_what_is_real()
    {
        var prepare = Read("{\"image_processor_type\": \"ViltImageProcessor\", \"size\": 32, \"size_divisor\": 8}");
        var upright = new RgbImage(20, 40);
        var (pixels, mask) = prepare.PrepareBatch([Photo(), upright]);
        Assert.Equal([2, 3, 48, 40], pixels.Shape.Sizes.ToArray());
        Assert.Equal([2, 48, 40], mask.Shape.Sizes.ToArray());
        Assert.Equal([32 * 40, 48 * 24], new[] { 0, 1 }.Select(b => (int)mask.Span.Slice(b * 48 * 40, 48 * 40).ToArray().Sum()));
        Assert.Equal(prepare.Prepare(Photo()).Pixels[0, 2, 31, 39], pixels[0, 2, 31, 39]);
        Assert.Equal((0f, 0f), (pixels[0, 1, 32, 0], mask[0, 32, 0]));
        Assert.Equal((-1f, 1f), (pixels[1, 1, 47, 23], mask[1, 47, 23]));
        Assert.Equal((0f, 0f), (pixels[1, 1, 47, 24], mask[1, 47, 24]));
    }

    [Theory]
    [InlineData("{\"size\": {\"longest_edge\": 3}}", "'size' gives neither the shorter side nor height and width")]
    [InlineData("{\"size\": 0}", "'size' holds a size that is not from 1 to 4096")]
    [InlineData("{\"size\": 100000}", "'size' holds a size that is not from 1 to 4096")]
    [InlineData("{\"size\": \"big\"}", "'size' is neither a number nor an object of numbers")]
    [InlineData("{\"resample\": 5}", "'resample' is 5")]
    [InlineData("{\"image_std\": [1, 0, 1]}", "'image_std' is not 3 numbers that can be used")]
    [InlineData("{\"image_mean\": [1]}", "'image_mean' is not 3 numbers that can be used")]
    [InlineData("{\"size_divisor\": 0}", "'size_divisor' is 0")]
    [InlineData("[]", "is not a configuration that can be read")]
    public void A_configuration_that_makes_no_sense_is_named(string config, string problem) =>
        Assert.StartsWith($"x: {problem}", Assert.Throws<FileFormatException>(() => Read(config)).Message);

    [Fact]
    public void A_picture_of_which_nothing_would_be_left_is_refused()
    {
        var vilt = Read("{\"image_processor_type\": \"ViltImageProcessor\", \"size\": 32, \"size_divisor\": 8}");
        Assert.Contains("would be resized to", Assert.Throws<ArgumentException>(() => vilt.Prepare(new RgbImage(16000, 1))).Message);
        var clip = Read("{\"image_processor_type\": \"CLIPImageProcessor\"}");
        Assert.Contains("cut it first", Assert.Throws<ArgumentException>(() => clip.Prepare(new RgbImage(1, 16000))).Message);
    }

    [Fact]
    public void Damaged_configurations_give_one_clear_error() => Mutation.Check(
        [Encoding.UTF8.GetBytes(
            "{\"crop_size\": {\"height\": 16, \"width\": 16}, \"do_center_crop\": true, \"do_resize\": true, \"feature_extractor_type\": " +
            "\"CLIPFeatureExtractor\", \"resample\": 3, \"size\": 20, " + Clip + "}")],
        stream =>
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            ImagePreprocessor.Parse(bytes, "fuzz");
        }, seed: 51, mostMemory: bytes => 4 * bytes + (64 << 10));

    private static ImagePreprocessor Read(string config) => ImagePreprocessor.Parse(Encoding.UTF8.GetBytes(config), "x");

    private static RgbImage Photo() => Png.Read(Path.Combine(ReferenceFolders.Fixtures, "pictures", "photo.png"));
}
