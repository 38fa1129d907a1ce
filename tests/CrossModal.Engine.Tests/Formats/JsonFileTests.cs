using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public sealed class JsonFileTests
{
    private const string Text = "{\"instruction\": \"red cup\"}";

    [Fact]
    public void A_UTF_8_mark_is_left_out_and_other_bytes_stay()
    {
        var plain = Encoding.UTF8.GetBytes(Text);
        Assert.Same(plain, JsonFile.WithoutMark(plain, "x"));
        Assert.Equal(plain, JsonFile.WithoutMark([0xEF, 0xBB, 0xBF, .. plain], "x"));
        foreach (var bytes in (byte[][])[[], [0xEF], [0xEF, 0xBB], [(byte)'1'], [0], [0, 0, 0, 0], [.. "[1]"u8]])
            Assert.Same(bytes, JsonFile.WithoutMark(bytes, "x"));
        Assert.Empty(JsonFile.WithoutMark([0xEF, 0xBB, 0xBF], "x"));
    }

    [Theory]
    [InlineData("utf-16", "UTF-16")]
    [InlineData("utf-16BE", "UTF-16")]
    [InlineData("utf-32", "UTF-32")]
    [InlineData("utf-32BE", "UTF-32")]
    public void Another_encoding_is_named_with_its_mark_and_without(string encoding, string named)
    {
        var made = Encoding.GetEncoding(encoding);
        foreach (var bytes in (byte[][])[[.. made.GetPreamble(), .. made.GetBytes(Text)], made.GetBytes(Text)])
            Assert.Equal($"a.json: is {named} text; a JSON file is UTF-8 text: save it in that encoding",
                Assert.Throws<FileFormatException>(() => JsonFile.WithoutMark(bytes, "a.json")).Message);
    }
}
