using System.Text;
using System.Text.Json;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Language;

namespace CrossModal.Tests.Language;

/// <summary>Damaged tokenizer files give a tokenizer or one clear error, in memory of four times their size.</summary>
public sealed class TokenizerFuzzTests
{
    // What any file costs: tables of bytes, buffers for one line, small lists.
    private const long Fixed = 128 << 10;

    private static readonly TokenizerSettings Settings = new(null, null, null, null, null);

    [Fact]
    public void Damaged_lists_of_pieces() => Mutation.Check(
        [Fixture.Bytes("bert", "vocab.txt")],
        s => Use(TokenizerFolder.FromLines(All(s), "fuzz", Settings)), seed: 41, mostMemory: Most);

    [Fact]
    public void Damaged_WordPiece_json() => Mutation.Check(
        [Fixture.Bytes("bert", "tokenizer.json")],
        s => Use(TokenizerJson.Read(All(s), "fuzz", Settings)), seed: 42, mostMemory: Most);

    [Fact]
    public void Damaged_byte_pair_json() => Mutation.Check(
        [Fixture.Bytes("clip", "tokenizer.json")],
        s => Use(TokenizerJson.Read(All(s), "fuzz", Settings)), seed: 43, mostMemory: Most);

    [Fact]
    public void Damaged_pieces_of_byte_pairs()
    {
        var merges = FewMerges;
        Mutation.Check([FewPieces],
            s => Use(TokenizerFolder.FromPairs(All(s), "fuzz", merges, "fuzz", Settings)), seed: 44, mostMemory: Most);
    }

    [Fact]
    public void Damaged_merges()
    {
        var vocabulary = FewPieces;
        Mutation.Check([FewMerges],
            s => Use(TokenizerFolder.FromPairs(vocabulary, "fuzz", All(s), "fuzz", Settings)), seed: 45, mostMemory: bytes =>
                Most(bytes + vocabulary.Length));
    }

    [Fact]
    public void Damaged_settings() => Mutation.Check(
        [Fixture.Bytes("bert", "tokenizer_config.json"), Fixture.Bytes("clip", "tokenizer_config.json")],
        s => Settings.With(All(s), "fuzz"), seed: 46, mostMemory: Most);

    [Fact]
    public void Vocabularies_of_the_size_of_published_ones_take_four_times_their_bytes()
    {
        // As many pieces as BERT and CLIP have, of the usual length.
        var lines = string.Join('\n', new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]",
            "[MASK]" }.Concat(Enumerable.Range(0, 30_517).Select(i => $"p{i * 7919L % 999_983:x}y")));
        Within(Encoding.UTF8.GetBytes(lines), f => TokenizerFolder.FromLines(f, "x", Settings));

        var pieces = new Dictionary<string, int>();
        foreach (var c in BytePairs.Characters) (pieces[c.ToString()], pieces[$"{c}</w>"]) = (pieces.Count, pieces.Count + 1);
        var merges = new StringBuilder("#version: 0.2\n");
        var random = new Random(3);
        for (var known = pieces.Keys.ToList(); pieces.Count < 49_406;)
        {
            var (left, right) = (known[random.Next(known.Count)], known[random.Next(known.Count)]);
            if (left.EndsWith('>') || !pieces.TryAdd(left + right, pieces.Count)) continue;
            if (left.Length + right.Length < 12) known.Add(left + right);
            merges.Append(left).Append(' ').Append(right).Append('\n');
        }

        (pieces["<|startoftext|>"], pieces["<|endoftext|>"]) = (pieces.Count, pieces.Count + 1);
        var (vocabulary, pairs) = (JsonSerializer.SerializeToUtf8Bytes(pieces), Encoding.UTF8.GetBytes(merges.ToString()));
        var spent = Spent(() => TokenizerFolder.FromPairs(vocabulary, "x", pairs, "x", Settings));
        Assert.InRange(spent, 1, 3L * (vocabulary.Length + pairs.Length));
    }

    // The file itself is in memory once; the reader may take three times as much again.
    private static void Within(byte[] file, Action<byte[]> read) => Assert.InRange(Spent(() => read(file)), 1, 3L * file.Length);

    private static byte[] FewPieces => """{"p": 0, "u": 1, "p</w>": 2, "up</w>": 3, "r": 4, "e": 5, "d</w>": 6, "re": 7, "red</w>": 8, "\u0120": 9, "\u00f0\u0141": 10, "\u00f0": 11, "\u0141": 12, "<|startoftext|>": 13, "<|endoftext|>": 14}"""u8.ToArray();

    private static byte[] FewMerges => Encoding.UTF8.GetBytes("#version: 0.2\nu p</w>\nr e\nre d</w>\n\u00f0 \u0141\n");

    private static long Spent(Action read)
    {
        read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        read();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static long Most(long bytes) => 4 * bytes + Fixed;

    private static void Use(SubwordTokenizer tokenizer) => Assert.NotNull(tokenizer.Encode("Pick up the réd cup 😊!", 1 << 10).Ids);

    private static byte[] All(Stream stream)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
