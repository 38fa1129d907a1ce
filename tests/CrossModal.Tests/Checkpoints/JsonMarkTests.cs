using System.Text;
using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Checkpoints;

public sealed class JsonMarkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_json_file_of_a_published_model_may_have_a_byte_order_mark_and_UTF_16_is_named(bool oneTokenizerFile)
    {
        new PublishedFolder("clip") { Shards = 2 }.Write(_folder.Path);
        var tokenizer = Path.Combine(ReferenceFolders.Fixtures, "tokenizers", "clip");
        foreach (var file in (string[])["tokenizer_config.json", .. oneTokenizerFile ? ["tokenizer.json"] : Array.Empty<string>()])
            File.Copy(Path.Combine(tokenizer, file), _folder[file]);
        if (oneTokenizerFile) File.Delete(_folder["vocab.json"]);
        var files = Directory.GetFiles(_folder.Path, "*.json").ToDictionary(file => file, File.ReadAllText);
        Assert.Equal(5, files.Count);
        foreach (var (file, text) in files) File.WriteAllText(file, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        PublishedModel.Load(_folder.Path);
        foreach (var (file, text) in files)
        {
            File.WriteAllText(file, text, Encoding.Unicode);
            Assert.StartsWith($"{file}: is UTF-16 text",
                Assert.Throws<FileFormatException>(() => PublishedModel.Load(_folder.Path)).Message);
            File.WriteAllText(file, text);
        }
    }
}
