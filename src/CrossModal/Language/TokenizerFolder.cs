using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>Reads the tokenizer of a published checkpoint's folder: <c>tokenizer.json</c>, or <c>vocab.txt</c> (WordPiece), or
/// <c>vocab.json</c> with <c>merges.txt</c> (CLIP's byte pairs), with <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and
/// <c>added_tokens.json</c> where there are.</summary>
/// <remarks>The fast tokenizers of Hugging Face are followed; ids are the same. Memory stays within four times the files' sizes.</remarks>
internal static class TokenizerFolder
{
    private const int LongestWord = 100;

    /// <summary>Reads the tokenizer.</summary>
    /// <exception cref="FileFormatException">There is none, or a file is damaged or of a kind that is not read; the message names the
    /// file.</exception>
    public static SubwordTokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string At(string name) => Path.Combine(folder, name);
        var settings = TokenizerSettings.Read(folder);
        if (File.Exists(At("tokenizer.json")))
            return TokenizerJson.Read(VocabularyFile.Bytes(At("tokenizer.json")), At("tokenizer.json"), settings);
        if (File.Exists(At("vocab.txt"))) return FromLines(VocabularyFile.Bytes(At("vocab.txt")), At("vocab.txt"), settings);
        if (File.Exists(At("vocab.json")))
            return FromPairs(VocabularyFile.Bytes(At("vocab.json")), At("vocab.json"), VocabularyFile.Bytes(At("merges.txt")),
                At("merges.txt"), settings);
        throw new FileFormatException(folder, "holds no tokenizer: neither tokenizer.json nor vocab.txt nor vocab.json with merges.txt");
    }

    /// <summary>BERT's tokenizer of a list of pieces.</summary>
    internal static SubwordTokenizer FromLines(byte[] file, string name, TokenizerSettings settings)
    {
        var vocabulary = VocabularyFile.Lines(file, name);
        var rules = new BertRules(Clean: true, settings.Chinese, settings.StripAccents ?? settings.Lowercase, settings.Lowercase);
        var (begin, end) = (settings.Begin ?? "[CLS]", settings.End ?? "[SEP]");
        var (unknown, padding) = (settings.Unknown ?? "[UNK]", settings.Padding ?? "[PAD]");
        var model = new WordPiece(vocabulary, Id(vocabulary, unknown, name), "##", LongestWord);
        return new SubwordTokenizer(rules, model, Added(vocabulary, settings, [begin, end, unknown, padding, settings.Mask ?? "[MASK]"]),
            new TokenizerFrame([Id(vocabulary, begin, name)], [Id(vocabulary, end, name)], Id(vocabulary, padding, name),
                Id(vocabulary, unknown, name), settings.Longest));
    }

    /// <summary>CLIP's tokenizer of pieces and pairs.</summary>
    internal static SubwordTokenizer FromPairs(byte[] pieces, string piecesName, byte[] pairs, string pairsName, TokenizerSettings settings)
    {
        SubwordVocabulary vocabulary;
        try
        {
            var json = new Utf8JsonReader(JsonFile.WithoutMark(pieces, piecesName));
            vocabulary = VocabularyFile.Json(ref json, piecesName);
        }
        catch (JsonException e)
        {
            throw new FileFormatException(piecesName, Failure.Reason(e), e);
        }

        var (begin, end) = (settings.Begin ?? "<|startoftext|>", settings.End ?? "<|endoftext|>");
        var (unknown, padding) = (settings.Unknown ?? end, settings.Padding ?? end);
        var model = new BytePairs(vocabulary, Merges.Lines(pairs, vocabulary, pairsName), Id(vocabulary, unknown, piecesName), "</w>");
        return new SubwordTokenizer(new ClipRules(), model, Added(vocabulary, settings, [begin, end, unknown, padding]),
            new TokenizerFrame([Id(vocabulary, begin, piecesName)], [Id(vocabulary, end, piecesName)], Id(vocabulary, padding, piecesName),
                Id(vocabulary, unknown, piecesName), settings.Longest));
    }

    /// <summary>The number of a piece that must be there.</summary>
    internal static int Id(SubwordVocabulary vocabulary, string piece, string file) => vocabulary.Find(piece) is >= 0 and var id
        ? id
        : throw new FileFormatException(file, $"the vocabulary has no {FileFormatException.Quote(piece)}");

    /// <summary>The special tokens that the vocabulary has, and what the settings add to it.</summary>
    private static List<AddedToken> Added(SubwordVocabulary vocabulary, TokenizerSettings settings, IReadOnlyList<string> special)
    {
        var own = special.Distinct().Select(t => new AddedToken(t, vocabulary.Find(t), settings.Normalized.Contains(t), Special: true))
            .Where(t => t.Id >= 0).ToList();
        return [.. own, .. settings.Added.Where(t => !own.Exists(o => o.Content == t.Content))
            .Select(t => t with { Special = t.Special || special.Contains(t.Content) })];
    }
}
