using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>Reads <c>tokenizer.json</c> (Hugging Face tokenizers): the parts that published BERT and CLIP tokenizers have; any other is an
/// error.</summary>
internal sealed class TokenizerJson
{
    // Only the vocabulary and the merges are large; everything else is read whole, up to this many bytes.
    private const int LongestPart = 1 << 16;
    private const int LongestWord = 10_000;

    private readonly byte[] _file;
    private readonly string _name;
    private readonly Dictionary<string, Range> _parts = [];

    // What was read last, for messages.
    private string _part = "model";

    private TokenizerJson(byte[] file, string name) => (_file, _name) = (file, name);

    /// <summary>Reads a tokenizer.</summary>
    /// <exception cref="FileFormatException">The file is damaged, or has a part of a kind that is not read.</exception>
    public static SubwordTokenizer Read(byte[] file, string name, TokenizerSettings settings)
    {
        var reading = new TokenizerJson(JsonFile.WithoutMark(file, name), name);
        try
        {
            reading.Find("", ["normalizer", "pre_tokenizer", "post_processor", "added_tokens", "model"], ..);
            return reading.Build(settings);
        }
        catch (JsonException e)
        {
            throw new FileFormatException(name, Failure.Reason(e), e);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            throw new FileFormatException(name,
                $"is not a tokenizer that can be read: '{reading._part}' lacks something, or holds something of another kind than it should", e);
        }
    }

    /// <summary>Notes where the values of an object's keys lie.</summary>
    private void Find(string prefix, string[] keys, Range range)
    {
        var start = range.GetOffsetAndLength(_file.Length).Offset;
        var json = new Utf8JsonReader(_file.AsSpan(range));
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw Fail($"{(prefix.Length == 0 ? "the file" : prefix)} is not an object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string? key = null;
            foreach (var wanted in keys)
                if (json.ValueTextEquals(wanted)) key = wanted;
            json.Read();
            var begin = start + (int)json.TokenStartIndex;
            json.Skip();
            if (key is not null) _parts[prefix + key] = begin..(start + (int)json.BytesConsumed);
        }

        // The whole must be JSON, also what comes after the last key.
        while (json.Read())
        {
        }
    }

    private SubwordTokenizer Build(TokenizerSettings settings)
    {
        if (!_parts.TryGetValue("model", out var whole)) throw Fail("has no model");
        Find("model.", ["type", "vocab", "merges", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
            "max_input_chars_per_word", "dropout", "byte_fallback"], whole);
        if (!_parts.TryGetValue("model.vocab", out var pieces)) throw Fail("has no vocabulary");
        var json = new Utf8JsonReader(_file.AsSpan(pieces));
        var vocabulary = VocabularyFile.Json(ref json, _name);
        var added = Added();
        int Id(string? piece) => piece is null ? throw Fail($"'{_part}' names no token where it must name one")
            : added.Find(t => t.Content == piece)?.Id ?? TokenizerFolder.Id(vocabulary, piece, _name);

        // Old files leave the type out: who has merges has pairs.
        var kind = Text("model.type") ?? (_parts.ContainsKey("model.merges") ? "BPE" : "WordPiece");
        var unknown = Id(Text("model.unk_token") ?? settings.Unknown ?? (kind == "BPE" ? "<|endoftext|>" : "[UNK]"));
        var (rules, model) = kind switch
        {
            "WordPiece" => ((ITextRules)Bert(), (ISubwordModel)new WordPiece(vocabulary, unknown,
                Text("model.continuing_subword_prefix") ?? "##", LongestWordOf())),
            "BPE" => (Clip(), Pairs(vocabulary, unknown)),
            _ => throw Fail($"the model {FileFormatException.Quote(kind)} is not read, WordPiece and BPE are"),
        };
        var (before, after) = Frame(Id);
        var padding = settings.Padding is { } text ? Id(text) : kind == "BPE" ? (after.Count > 0 ? after[^1] : unknown) : Id("[PAD]");
        return new SubwordTokenizer(rules, model, added, new TokenizerFrame(before, after, padding, unknown, settings.Longest));
    }

    private BytePairs Pairs(SubwordVocabulary vocabulary, int unknown)
    {
        if (!_parts.TryGetValue("model.merges", out var list)) throw Fail("has no merges");
        if (Text("model.continuing_subword_prefix") is { Length: > 0 } prefix)
            throw Fail($"byte pairs with the prefix {FileFormatException.Quote(prefix)} are not read");
        var bytes = _file.AsSpan(list);
        var json = new Utf8JsonReader(bytes);
        return new BytePairs(vocabulary, Merges.Json(ref json, vocabulary, bytes.Length, _name), unknown,
            Text("model.end_of_word_suffix") ?? "");
    }

    private BertRules Bert()
    {
        using var normalizer = Part("normalizer");
        using var splitter = Part("pre_tokenizer");
        Require(normalizer, "BertNormalizer", "normalizer");
        Require(splitter, "BertPreTokenizer", "pre-tokenizer");
        var root = normalizer.RootElement;
        var lowercase = Flag(root, "lowercase") ?? true;
        return new BertRules(Flag(root, "clean_text") ?? true, Flag(root, "handle_chinese_chars") ?? true,
            Flag(root, "strip_accents") ?? lowercase, lowercase);
    }

    private ClipRules Clip()
    {
        using var normalizer = Part("normalizer");
        using var splitter = Part("pre_tokenizer");
        Require(normalizer, "Sequence", "normalizer");
        var steps = string.Join(' ', normalizer.RootElement.GetProperty("normalizers").EnumerateArray().Select(Type));
        if (steps != "NFC Replace Lowercase") throw Fail($"the normalizers {FileFormatException.Quote(steps)} are not CLIP's");
        Require(splitter, "Sequence", "pre-tokenizer");
        var parts = splitter.RootElement.GetProperty("pretokenizers").EnumerateArray().ToArray();
        if (string.Join(' ', parts.Select(Type)) != "Split ByteLevel"
            || parts[0].GetProperty("pattern").GetProperty("Regex").GetString() is not { } expression
            || !expression.EndsWith(ClipRules.Expression, StringComparison.Ordinal) || Flag(parts[1], "add_prefix_space") == true)
            throw Fail("the pre-tokenizer is not CLIP's");
        return new ClipRules();
    }

    private (IReadOnlyList<int> Before, IReadOnlyList<int> After) Frame(Func<string?, int> id)
    {
        using var processor = Part("post_processor");
        var root = processor.RootElement;
        switch (Type(root))
        {
            case "BertProcessing" or "RobertaProcessing":
                return ([id(root.GetProperty("cls")[0].GetString())], [id(root.GetProperty("sep")[0].GetString())]);
            case "TemplateProcessing":
                var (before, after, seen) = (new List<int>(), new List<int>(), false);
                foreach (var piece in root.GetProperty("single").EnumerateArray())
                    if (piece.TryGetProperty("SpecialToken", out var token))
                        (seen ? after : before).Add(id(token.GetProperty("id").GetString()));
                    else seen = true;
                return (before, after);
            case "" or "ByteLevel":
                return ([], []);
            default:
                throw Fail($"the post-processor {FileFormatException.Quote(Type(root))} is not read");
        }
    }

    private List<AddedToken> Added()
    {
        using var list = Part("added_tokens");
        if (list.RootElement.ValueKind != JsonValueKind.Array) return [];
        return [.. list.RootElement.EnumerateArray().Select(t => new AddedToken(
            t.GetProperty("content").GetString() ?? "",
            t.GetProperty("id").TryGetInt32(out var id) && id is >= 0 and <= SubwordVocabulary.LargestId ? id
                : throw Fail("an added token's number is not one"),
            Flag(t, "normalized") ?? false, Flag(t, "lstrip") ?? false, Flag(t, "rstrip") ?? false, Flag(t, "single_word") ?? false,
                Flag(t, "special") ?? false))];
    }

    private int LongestWordOf()
    {
        using var part = Part("model.max_input_chars_per_word");
        return part.RootElement.ValueKind == JsonValueKind.Number && part.RootElement.TryGetInt32(out var longest) && longest is > 0
            and <= LongestWord ? longest
            : part.RootElement.ValueKind == JsonValueKind.Null ? 100
            : throw Fail($"max_input_chars_per_word is not a number from 1 to {LongestWord}");
    }

    private string? Text(string key)
    {
        using var part = Part(key);
        return part.RootElement.ValueKind == JsonValueKind.String ? part.RootElement.GetString() : null;
    }

    private JsonDocument Part(string key)
    {
        _part = key;
        if (!_parts.TryGetValue(key, out var range)) return JsonDocument.Parse("null");
        var (start, length) = range.GetOffsetAndLength(_file.Length);
        return length <= LongestPart ? JsonDocument.Parse(_file.AsMemory(start, length))
            : throw Fail($"{key} has {length} bytes, over the limit of {LongestPart}");
    }

    private void Require(JsonDocument part, string type, string what)
    {
        if (Type(part.RootElement) != type)
            throw Fail($"the {what} {FileFormatException.Quote(Type(part.RootElement))} is not read with this model, {type} is");
    }

    private static string Type(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) ? type.GetString() ?? "" : "";

    private static bool? Flag(JsonElement part, string key) =>
        part.TryGetProperty(key, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;

    private FileFormatException Fail(string problem) => new(_name, problem);
}
