using System.Globalization;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>Reads the tokens that a folder adds to a vocabulary's, in the two ways they are published.</summary>
internal static class AddedTokenFile
{
    /// <summary><c>added_tokens.json</c>: an object of numbers by token. As the reference has it, such tokens are looked for after
    /// normalisation.</summary>
    /// <exception cref="FileFormatException">It is no such object.</exception>
    public static IReadOnlyList<AddedToken> OfNumbers(byte[] file, string name)
    {
        try
        {
            using var json = JsonDocument.Parse(file);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new FileFormatException(name, "is not an object of numbers by token");
            return [.. json.RootElement.EnumerateObject().Select(t => new AddedToken(
                t.Name, t.Value.ValueKind == JsonValueKind.Number && t.Value.TryGetInt32(out var id) ? Number(id, t.Name, name)
                    : throw NoNumber(t.Name, name), Normalized: true))];
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

    /// <summary><c>added_tokens_decoder</c> of <c>tokenizer_config.json</c>: an object of tokens by number.</summary>
    /// <exception cref="FileFormatException">It is no such object.</exception>
    public static IReadOnlyList<AddedToken> OfObjects(JsonElement tokens, string name)
    {
        if (tokens.ValueKind != JsonValueKind.Object)
            throw new FileFormatException(name, "'added_tokens_decoder' is not an object of tokens by number");
        return [.. tokens.EnumerateObject().Select(t =>
        {
            if (t.Value.ValueKind != JsonValueKind.Object || !t.Value.TryGetProperty("content", out var content)
                || content.ValueKind != JsonValueKind.String)
                throw new FileFormatException(name,
                    $"'added_tokens_decoder' says under {FileFormatException.Quote(t.Name)} not how the token is written ('content')");
            var text = content.GetString()!;
            var id = int.TryParse(t.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Number(number, text, name)
                : throw NoNumber(text, name);
            bool Flag(string key) => t.Value.TryGetProperty(key, out var flag) && flag.ValueKind == JsonValueKind.True;
            return new AddedToken(text, id, Flag("normalized"), Flag("lstrip"), Flag("rstrip"), Flag("single_word"), Flag("special"));
        })];
    }

    private static int Number(int id, string token, string name) =>
        id is >= 0 and <= SubwordVocabulary.LargestId ? id : throw NoNumber(token, name);

    private static FileFormatException NoNumber(string token, string name) =>
        new(name, $"the added token {FileFormatException.Quote(token)} has no number from 0 to {SubwordVocabulary.LargestId}");
}
