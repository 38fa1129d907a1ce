using System.Globalization;
using System.Text;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;
using CrossModal.Tests.Imaging;

namespace CrossModal.Tests.Data;

/// <summary>Which picture belongs to which action, in which formats and sizes.</summary>
public sealed class EpisodePicturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_picture_after_the_last_action_is_left_out_and_more_are_refused()
    {
        Assert.Equal([0, 1, 2], Numbers(Episode(pictures: 4, actions: 3)));
        var path = Write(pictures: 36, actions: 12);
        var error = Assert.Throws<FileFormatException>(() => EpisodeFolder.Read(path));
        Assert.StartsWith($"{path}: has pictures up to 035.png, but actions.npy has 12 steps, to which 012 is the last that can belong; if pictures were taken", error.Message);
        Assert.Contains("\"picture_rate\" and \"action_rate\" (Hz)", error.Message);

        // A gap hides nothing.
        path = Write(pictures: 3, actions: 3);
        Mark(path, 9);
        Assert.Contains("has pictures up to 009.png", Assert.Throws<FileFormatException>(() => EpisodeFolder.Read(path)).Message);
        Assert.Contains("002.png: is missing; actions.npy has 3 steps",
            Assert.Throws<FileFormatException>(() => Episode(pictures: 2, actions: 3)).Message);
    }

    [Theory]
    [InlineData(30, 10, 36, 12, new[] { 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33 })]
    [InlineData(30, 10, 37, 12, new[] { 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33 })]
    [InlineData(25, 10, 9, 4, new[] { 0, 2, 5, 7 })]
    [InlineData(10, 30, 3, 7, new[] { 0, 0, 0, 1, 1, 1, 2 })]
    [InlineData(2.4, 0.8, 4, 2, new[] { 0, 3 })]
    [InlineData(5, 5, 2, 2, new[] { 0, 1 })]
    public void With_rates_every_action_has_the_newest_picture_of_its_time(double pictureRate, double actionRate, int pictures, int actions,
        int[] expected) =>
        Assert.Equal(expected, Numbers(Episode(pictures, actions, Rates(pictureRate, actionRate))));

    [Fact]
    public void Rates_that_do_not_fit_the_files_are_refused()
    {
        Refused("033.png: is missing; actions.npy has 12 steps at 10 Hz and pictures come at 30 Hz", 33, 12, Rates(30, 10));
        Refused("has pictures up to 037.png, but actions.npy has 12 steps at 10 Hz and pictures come at 30 Hz, to which 036 is the last " +
            "that can belong", 38, 12, Rates(30, 10));
        Refused("has \"picture_rate\" without \"action_rate\": give both or neither", 3, 3, ", \"picture_rate\": 30");
        Refused("has \"action_rate\" without \"picture_rate\": give both or neither", 3, 3, ", \"action_rate\": 30");
        foreach (var rate in (string[])["0", "-3", "\"30\"", "1e999", "[]", "true"])
            Refused("\"picture_rate\" is not a number of Hz above 0", 3, 3, $", \"picture_rate\": {rate}, \"action_rate\": 10");
        Refused("is missing", 3, 3, ", \"picture_rate\": 1e300, \"action_rate\": 1e-300");

        void Refused(string problem, int pictures, int actions, string rates) =>
            Assert.Contains(problem, Assert.Throws<FileFormatException>(() => Episode(pictures, actions, rates)).Message);
    }

    [Fact]
    public void Two_files_of_one_picture_are_refused()
    {
        var path = Write(pictures: 3, actions: 3);
        File.Copy(Path.Combine(path, "001.png"), Path.Combine(path, "001.jpg"));
        Assert.Contains("there is also 001.jpg, and only one can be picture 1",
            Assert.Throws<FileFormatException>(() => EpisodeFolder.Read(path)).Message);
    }

    [Fact]
    public void Pictures_are_kept_as_the_square_they_are_fitted_into_and_read_again_in_full()
    {
        var path = Write(pictures: 2, actions: 2);
        var whole = EpisodeFolder.Read(path);
        var fitted = EpisodeFolder.Read(path, side: 4);
        Assert.All(fitted.Frames, frame => Assert.Equal((4, 4), (frame.Width, frame.Height)));
        Assert.Equal(Letterbox.Fit(Recording.Width, Recording.Height, 4).Apply(whole.Frames[1]).Pixels, fitted.Frames[1].Pixels);
        Assert.Equal(whole.Frames[1].Pixels, fitted.Photo(1).Pixels);
        Assert.Equal([Path.Combine(path, "000.png"), Path.Combine(path, "001.png")], fitted.Files);
    }

    [Fact]
    public void What_is_kept_does_not_grow_with_the_size_of_the_pictures()
    {
        var path = Write(pictures: 0, actions: 3);
        for (var i = 0; i < 3; i++)
            Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{i:000}.png")), new RgbImage(1280, 720));
        Assert.Equal(3 * 64 * 64 * RgbImage.Channels, EpisodeFolder.Read(path, side: 64).Frames.Sum(frame => frame.Pixels.Length));
    }

    [TurboJpegFact]
    public void Pictures_may_be_jpeg()
    {
        var path = Write(pictures: 0, actions: 2);
        var jpeg = Path.Combine(ReferenceFolders.Repository, "fixtures", "pictures", "baseline.jpg");
        File.Copy(jpeg, Path.Combine(path, "000.jpg"));
        File.Copy(jpeg, Path.Combine(path, "001.JPEG"));
        var expected = Picture.Read(jpeg);
        Assert.All(EpisodeFolder.Read(path).Frames, frame => Assert.Equal(expected.Pixels, frame.Pixels));
    }

    [Fact]
    public void A_description_with_a_byte_order_mark_is_read_and_UTF_16_is_named()
    {
        var path = Write(pictures: 1, actions: 1);
        var json = Path.Combine(path, "episode.json");
        var text = File.ReadAllText(json);
        File.WriteAllText(json, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal("pick", EpisodeFolder.Read(path).Instruction);
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            File.WriteAllText(json, text, encoding);
            Assert.StartsWith($"{json}: is UTF-16 text", Assert.Throws<FileFormatException>(() => EpisodeFolder.Read(path)).Message);
        }
    }

    private static string Rates(double pictures, double actions) =>
        string.Create(CultureInfo.InvariantCulture, $", \"picture_rate\": {pictures}, \"action_rate\": {actions}");

    private static IEnumerable<int> Numbers(Episode episode) => episode.Frames.Select(frame => (int)frame.Pixels[0]);

    private Episode Episode(int pictures, int actions, string rates = "") => EpisodeFolder.Read(Write(pictures, actions, rates));

    /// <summary>An episode whose pictures have their number as their first byte.</summary>
    private string Write(int pictures, int actions, string rates = "")
    {
        var path = _folder["episode_000"];
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(path);
        Npy.Write(Path.Combine(path, "actions.npy"), StoredArray.From(new float[2 * actions], actions, 2));
        File.WriteAllText(Path.Combine(path, "episode.json"), $"{{\"instruction\": \"pick\"{rates}}}");
        for (var i = 0; i < pictures; i++) Mark(path, i);
        return path;
    }

    private static void Mark(string path, int number)
    {
        var picture = new RgbImage(Recording.Width, Recording.Height);
        new Random(number).NextBytes(picture.Pixels);
        picture.Pixels[0] = (byte)number;
        Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{number:000}.png")), picture);
    }
}
