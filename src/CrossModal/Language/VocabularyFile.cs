using System.Text;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>Reads vocabularies: a line for each piece, or a JSON object of numbers by piece.</summary>
internal static class VocabularyFile
{
    /// <summary>The largest tokenizer file that is read, in bytes; the largest published ones have a tenth of it.</summary>
    public const long LongestFile = 64 << 20;

    /// <summary>A file's bytes.</summary>
    /// <exception cref="FileFormatException">It is missing, or longer than any such file.</exception>
    public static byte[] Bytes(string path)
    {
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        var length = new FileInfo(path).Length;
        return length <= LongestFile ? File.ReadAllBytes(path)
            : throw new FileFormatException(path, $"a tokenizer file of {length} bytes is over the limit of {LongestFile}");
    }

    /// <summary><c>vocab.txt</c>: the piece of line n has the number n, from 0.</summary>
    public static SubwordVocabulary Lines(byte[] file, string name)
    {
        var vocabulary = new SubwordVocabulary(file, file.AsSpan().Count((byte)'\n') + 1);
        for (var (start, id) = (0, 0); start < file.Length; id++)
        {
            var length = file.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0) length = file.Length - start;
            var piece = file.AsSpan(start, length);
            if (piece.EndsWith("\r"u8)) piece = piece[..^1];
            if (!piece.IsEmpty) vocabulary.Add(start, piece.Length, id, name);
            start += length + 1;
        }

        return vocabulary.Count > 0 ? vocabulary : throw new FileFormatException(name, "holds no pieces of words");
    }

    /// <summary>A JSON object of numbers by piece, as <c>vocab.json</c> is and as <c>tokenizer.json</c> holds.</summary>
    /// <param name="json">Stands before the object.</param>
    /// <param name="name">Stands in the messages.</param>
    /// <exception cref="FileFormatException">It is no such object.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static SubwordVocabulary Json(ref Utf8JsonReader json, string name)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new FileFormatException(name, "the vocabulary is not an object of numbers by piece");
        var ahead = json;
        var (count, bytes) = (0, 0);
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            count++;
            bytes += ahead.ValueSpan.Length;
            ahead.Read();
            if (ahead.TokenType != JsonTokenType.Number)
                throw new FileFormatException(name,
                $"the vocabulary holds something that is not a number, at byte {ahead.TokenStartIndex}");
        }

        if (count == 0) throw new FileFormatException(name, "the vocabulary is empty");
        var text = new byte[bytes];
        var vocabulary = new SubwordVocabulary(text, count);
        var at = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var length = Unescape(json, text.AsSpan(at), name);
            json.Read();
            if (!json.TryGetInt32(out var id)) id = -1;
            vocabulary.Add(at, length, id, name);
            at += length;
        }

        return vocabulary;
    }

    private static int Unescape(Utf8JsonReader json, Span<byte> text, string name)
    {
        try
        {
            return json.CopyString(text);
        }
        catch (InvalidOperationException e)
        {
            // Half a surrogate pair has no UTF-8.
            throw new FileFormatException(name,
                $"the piece {FileFormatException.Quote(Encoding.UTF8.GetString(json.ValueSpan))} is not text, at byte {json.TokenStartIndex}", e);
        }
    }
}
