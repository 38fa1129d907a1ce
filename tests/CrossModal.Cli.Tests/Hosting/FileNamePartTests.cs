using System.Text;
using CrossModal.Cli.Hosting;

namespace CrossModal.Cli.Tests.Hosting;

public sealed class FileNamePartTests
{
    [Theory]
    [InlineData("cup", "cup")]
    [InlineData("a/b:c..", "a_b_c..")]
    [InlineData("लाल", "लाल")]
    [InlineData("<unk>", "_unk_")]
    [InlineData("", "")]
    public void A_word_becomes_part_of_a_files_name(string word, string name) => Assert.Equal(name, FileNamePart.Of(word, 40));

    [Fact]
    public void A_files_name_does_not_grow_with_its_word_and_words_that_begin_alike_differ()
    {
        var long1 = FileNamePart.Of(new string('a', 300) + "1", 40);
        var long2 = FileNamePart.Of(new string('a', 300) + "2", 40);
        Assert.NotEqual(long1, long2);
        Assert.StartsWith(new string('a', 40) + "~", long1);
        foreach (var word in (string[])[new string('杯', 300), string.Concat(Enumerable.Repeat("\U00020BB7", 300)), new string('é', 300)])
            Assert.InRange(Encoding.UTF8.GetByteCount(FileNamePart.Of(word, 40)), 40, 47);
    }
}
