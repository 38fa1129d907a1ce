using System.Text;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public sealed class PictureTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [TurboJpegFact]
    public void The_content_decides_and_not_the_name()
    {
        var pictures = Path.Combine(ReferenceFolders.Fixtures, "pictures");
        File.Copy(Path.Combine(pictures, "photo.png"), At("really.jpg"));
        File.Copy(Path.Combine(pictures, "baseline.jpg"), At("really.png"));
        Assert.Equal(Png.Read(Path.Combine(pictures, "photo.png")).Pixels, Picture.Read(At("really.jpg")).Pixels);
        Assert.Equal(Jpeg.Read(Path.Combine(pictures, "baseline.jpg")).Pixels, Picture.Read(At("really.png")).Pixels);
    }

    [Theory]
    [InlineData("", "is empty, not a picture; PNG and JPEG are read")]
    [InlineData("hello", "is not a picture; PNG and JPEG are read")]
    [InlineData("GIF89a......", "is a GIF picture; PNG and JPEG are read")]
    [InlineData("RIFF....WEBPVP8 ", "is a WebP picture; PNG and JPEG are read")]
    [InlineData("....ftypheic....", "is a HEIF picture; PNG and JPEG are read")]
    public void Other_kinds_are_named(string content, string problem) => Assert.Equal(
        $"x: {problem}", Assert.Throws<FileFormatException>(() =>
            Picture.Read(new MemoryStream(Encoding.Latin1.GetBytes(content)), "x")).Message);

    [Fact]
    public void What_is_no_file_is_named()
    {
        Assert.EndsWith("none.png: there is no such file",
            Assert.Throws<FileNotFoundException>(() => Picture.Read(At("none.png"))).Message);
        Assert.EndsWith(": is a folder, not a picture", Assert.Throws<IOException>(() => Picture.Read(_folder.FullName)).Message);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
