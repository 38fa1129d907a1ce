using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>What <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c> say about a tokenizer; everything may be
/// missing.</summary>
internal sealed record TokenizerSettings(string? Begin, string? End, string? Padding, string? Unknown, string? Mask)
{
    private const int LongestFile = 1 << 20;
    private const double LargestLength = 1 << 20;

    /// <summary>Those of the tokens that are looked for after the text was normalised.</summary>
    public IReadOnlySet<string> Normalized { get; init; } = new HashSet<string>();

    /// <summary>Whether the case is lowered.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Whether accents are dropped; null to follow the case.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether Chinese characters are words of their own.</summary>
    public bool Chinese { get; init; } = true;

    /// <summary>Tokens beside the vocabulary's: <c>added_tokens_decoder</c>, or <c>added_tokens.json</c> in older folders.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    /// <summary>The most pieces of a text; null when the file gives none, or its placeholder of 10³⁰.</summary>
    public int? Longest { get; init; }

    /// <summary>Reads what there is in a folder.</summary>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public static TokenizerSettings Read(string folder)
    {
        var settings = new TokenizerSettings(null, null, null, null, null);
        foreach (var name in new[] { "special_tokens_map.json", "tokenizer_config.json" })
        {
            var path = Path.Combine(folder, name);
            if (Bytes(path) is { } file) settings = settings.With(file, path);
        }

        var added = Path.Combine(folder, "added_tokens.json");
        return settings.Added.Count == 0 && Bytes(added) is { } list ? settings with { Added = AddedTokenFile.OfNumbers(list, added) }
            : settings;
    }

    private static byte[]? Bytes(string path) => !File.Exists(path) ? null
        : new FileInfo(path).Length <= LongestFile ? File.ReadAllBytes(path)
        : throw new FileFormatException(path, "is larger than 1 MB");

    /// <summary>These settings with what a file says.</summary>
    public TokenizerSettings With(byte[] file, string name)
    {
        try
        {
            using var json = JsonDocument.Parse(JsonFile.WithoutMark(file, name));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FileFormatException(name, "is not an object");
            return this with
            {
                Begin = Token(root, "bos_token") ?? Token(root, "cls_token") ?? Begin,
                End = Token(root, "eos_token") ?? Token(root, "sep_token") ?? End,
                Padding = Token(root, "pad_token") ?? Padding,
                Unknown = Token(root, "unk_token") ?? Unknown,
                Mask = Token(root, "mask_token") ?? Mask,
                Normalized = Normalized.Concat(root.EnumerateObject().Where(p => Flag(p.Value, "normalized", name) == true)
                    .Select(p => Token(root, p.Name)).OfType<string>()).ToHashSet(),
                Lowercase = Flag(root, "do_lower_case", name) ?? Lowercase,
                StripAccents = Flag(root, "strip_accents", name) ?? StripAccents,
                Chinese = Flag(root, "tokenize_chinese_chars", name) ?? Chinese,
                Added = root.TryGetProperty("added_tokens_decoder", out var added) && added.ValueKind != JsonValueKind.Null
                    ? AddedTokenFile.OfObjects(added, name) : Added,
                Longest = root.TryGetProperty("model_max_length", out var length) && length.ValueKind == JsonValueKind.Number
                    && length.TryGetDouble(out var most) && most is >= 1 and <= LargestLength ? (int)most : Longest,
            };
        }
        catch (JsonException e)
        {
            throw new FileFormatException(name, Failure.Reason(e), e);
        }
        catch (InvalidOperationException e)
        {
            throw new FileFormatException(name, "holds a text that is no Unicode", e);
        }
    }

    private static bool? Flag(JsonElement root, string key, string name) =>
        root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(key, out var flag) ? null : flag.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => null,
            _ => throw new FileFormatException(name, $"'{key}' is not true or false"),
        };

    /// <summary>A token, written as a text or as an object with its content.</summary>
    private static string? Token(JsonElement root, string key) =>
        !root.TryGetProperty(key, out var token) ? null
        : token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content)
            && content.ValueKind == JsonValueKind.String ? content.GetString()
        : null;
}
