using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Language;

namespace CrossModal.OnnxRuntime.Tests;

/// <summary>Ids with real vocabularies beside those of Hugging Face's own tokenizers (Tokenizers.DotNet).</summary>
public sealed class TokenizerOracleTests : IDisposable
{
    private const int Texts = 3000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [WeightsFact("all-MiniLM-L6-v2/vocab.txt")]
    public void MiniLms_ids_are_those_of_hugging_face()
    {
        var vocabulary = new JsonObject();
        foreach (var (id, piece) in File.ReadLines(Pretrained.At("all-MiniLM-L6-v2/vocab.txt")).Index()) vocabulary[piece] = id;
        Compare("bert", vocabulary, null, TokenizerFolder.Load(Pretrained.At("all-MiniLM-L6-v2")));
    }

    [ClipFact]
    [Trait("Category", "Shared")]
    public void Clips_ids_are_those_of_hugging_face()
    {
        var folder = ReferenceFolders.Beside("realdata", "clip-tokenizer")!;
        var merges = new JsonArray([.. File.ReadLines(Path.Combine(folder, "merges.txt")).Where(l => l.Length > 0
            && !l.StartsWith("#version", StringComparison.Ordinal)).Select(l => (JsonNode)l)]);
        Compare("clip", JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "vocab.json")))!.AsObject(), merges,
            TokenizerFolder.Load(folder));
    }

    /// <summary>Gives the public implementation the fixture's rules with a real vocabulary.</summary>
    private void Compare(string fixture, JsonObject vocabulary, JsonArray? merges, SubwordTokenizer ours)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(ReferenceFolders.Fixtures, "tokenizers", fixture, "tokenizer.json")))!;
        json["model"]!["vocab"] = vocabulary.DeepClone();
        if (merges is not null) json["model"]!["merges"] = merges.DeepClone();
        foreach (var token in json["added_tokens"]!.AsArray()) token!["id"] = (int)vocabulary[(string)token["content"]!]!;

        // What begins and ends a text is compared apart.
        json["post_processor"] = null;
        File.WriteAllText(_folder["tokenizer.json"], json.ToJsonString());
        var oracle = new Tokenizers.DotNet.Tokenizer(_folder["tokenizer.json"]);
        var random = new RandomSource(7);
        for (var i = 0; i < Texts; i++)
        {
            var text = Text(random);
            var expected = oracle.Encode(text).Select(id => (int)id);
            Assert.True(expected.SequenceEqual(ours.Encode(text).Ids.Skip(1).SkipLast(1)),
                $"{JsonSerializer.Serialize(text)}: [{string.Join(' ', expected)}], ours [{string.Join(' ', ours.Encode(text).Ids)}]");
        }
    }

    /// <summary>Words of many scripts with spaces of many kinds between.</summary>
    private static string Text(RandomSource random)
    {
        string[] parts =
        [
            "pick", "the", "Crimson", "mug", "PUT", "unaffable", "it's", "don't", "we'll", "3.14", "2026", "caf\u00e9", "na\u00efve",
                "\u00c5ngstr\u00f6m", "stra\u00dfe",
            "\u03bf\u03b4\u03cc\u03c2", "\u041f\u0440\u0438\u0432\u0435\u0442", "\u4e2d\u56fd", "\u751f\u6d3b", "\u65e5\u672c\u8a9e",
                "\ud55c\uad6d", "\u0e20\u0e32\u0e29\u0e32", "\ud83d\ude0a", "\ud83d\udc4d\ud83c\udffd", "\u2764\ufe0f",
                "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67", "e\u0301", "\ufb01", "\u00bd",
            "\u20b9", "\u00a9", "-", "--", "...", "\u2026", "\u201cquoted\u201d", "(a)", "#", "@x", "a_b", "$5", "100%", "~", "\u3002",
                "\uff0c", "\u00bf", "\u2014", "x\u0000y", "\u00ad",
        ];
        string[] spaces = [" ", " ", " ", "", "\t", "\n", "  ", "\u00a0", "\u3000", "\r\n"];
        var text = new StringBuilder();
        for (var count = 1 + random.NextInt(12); count > 0; count--)
        {
            if (random.NextInt(8) == 0)
                for (var letters = 1 + random.NextInt(10); letters > 0; letters--) text.Append((char)('a' + random.NextInt(26)));
            else text.Append(parts[random.NextInt(parts.Length)]);
            text.Append(spaces[random.NextInt(spaces.Length)]);
        }

        return text.ToString();
    }

    private sealed class ClipFact : OptionalFact
    {
        public ClipFact()
            : base(ReferenceFolders.Beside("realdata", "clip-tokenizer") is null
                ? "shared/realdata/clip-tokenizer is not beside the repository" : null, nameof(Clips_ids_are_those_of_hugging_face))
        {
        }
    }
}
