using System.Text;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>The pairs of neighbouring pieces that are joined, and in which order.</summary>
internal sealed class Merges
{
    private const int BytesPerLine = 8;
    private const int LongestLine = 1024;

    private readonly SubwordVocabulary _vocabulary;
    private readonly string _file;
    private readonly byte[] _joined = new byte[LongestLine];
    private (long Pair, int Rank, int Joined)[] _table;
    private int _count;
    private int _rank;

    private Merges(SubwordVocabulary vocabulary, int bytes, string file)
    {
        (_vocabulary, _file) = (vocabulary, file);
        var size = 16;
        while (size * 2 <= bytes / BytesPerLine) size *= 2;
        _table = Empty(size);
    }

    /// <summary>Reads <c>merges.txt</c>: a pair in each line, a space between, after a line of the version.</summary>
    /// <exception cref="FileFormatException">A line is no pair, or a piece is not in the vocabulary.</exception>
    public static Merges Lines(byte[] bytes, SubwordVocabulary vocabulary, string name)
    {
        var merges = new Merges(vocabulary, bytes.Length, name);
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            var line = bytes.AsSpan(range);
            if (line.EndsWith("\r"u8)) line = line[..^1];
            if (!line.IsEmpty && !line.StartsWith("#version"u8)) merges.Add(line);
        }

        return merges;
    }

    /// <summary>Reads a JSON list of pairs, each a text with a space between or a list of two.</summary>
    /// <exception cref="FileFormatException">An entry is no pair, or a piece is not in the vocabulary.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static Merges Json(ref Utf8JsonReader json, SubwordVocabulary vocabulary, int bytes, string name)
    {
        var merges = new Merges(vocabulary, bytes, name);
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray) throw new FileFormatException(name, "the merges are not a list");
        Span<byte> text = new byte[LongestLine];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var pair = json.TokenType == JsonTokenType.StartArray;
            if (pair) json.Read();
            var length = merges.Take(json, text);
            if (pair)
            {
                json.Read();
                text[length++] = (byte)' ';
                length += merges.Take(json, text[length..]);
                if (!json.Read() || json.TokenType != JsonTokenType.EndArray) throw merges.Fail("is not two pieces", text[..length]);
            }

            merges.Add(text[..length]);
        }

        return merges;
    }

    /// <summary>Whether two neighbours are joined, how early, and what they become.</summary>
    public bool TryFind(int left, int right, out int rank, out int joined)
    {
        var found = _table[Slot(_table, Pair(left, right))];
        (rank, joined) = (found.Rank, found.Joined);
        return found.Pair >= 0;
    }

    private int Take(Utf8JsonReader json, Span<byte> text)
    {
        if (json.TokenType != JsonTokenType.String || json.ValueSpan.Length > text.Length - 1)
            throw new FileFormatException(_file, $"merge {_rank} is not two pieces, at byte {json.TokenStartIndex}");
        try
        {
            return json.CopyString(text);
        }
        catch (InvalidOperationException e)
        {
            throw new FileFormatException(_file, $"merge {_rank} is not text, at byte {json.TokenStartIndex}", e);
        }
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        if (line.Length > LongestLine) throw Fail($"has {line.Length} bytes, over the limit of {LongestLine}", line);
        var space = line.IndexOf((byte)' ');
        if (space <= 0 || space == line.Length - 1 || line[(space + 1)..].Contains((byte)' '))
            throw Fail("is not two pieces with a space between", line);
        var left = line[..space];
        var right = line[(space + 1)..];
        left.CopyTo(_joined);
        right.CopyTo(_joined.AsSpan(space));
        var (first, second, both) = (_vocabulary.Find(left), _vocabulary.Find(right), _vocabulary.Find(_joined.AsSpan(0, line.Length - 1)));
        if (first < 0 || second < 0 || both < 0) throw Fail("has a piece that is not in the vocabulary", line);
        if (_count >= _table.Length / 4 * 3) Grow();
        var slot = Slot(_table, Pair(first, second));
        if (_table[slot].Pair < 0) _count++;
        _table[slot] = (Pair(first, second), _rank++, both);
    }

    private void Grow()
    {
        var larger = Empty(2 * _table.Length);
        foreach (var entry in _table)
            if (entry.Pair >= 0) larger[Slot(larger, entry.Pair)] = entry;
        _table = larger;
    }

    private static (long, int, int)[] Empty(int size)
    {
        var table = new (long, int, int)[size];
        Array.Fill(table, (-1L, 0, 0));
        return table;
    }

    private static long Pair(int left, int right) => (long)left << 32 | (uint)right;

    private static int Slot((long Pair, int, int)[] table, long pair)
    {
        var slot = HashCode.Combine(pair) & (table.Length - 1);
        while (table[slot].Pair >= 0 && table[slot].Pair != pair) slot = (slot + 1) & (table.Length - 1);
        return slot;
    }

    private FileFormatException Fail(string problem, ReadOnlySpan<byte> line) =>
        new(_file, $"merge {_rank}, {FileFormatException.Quote(Encoding.UTF8.GetString(line[..Math.Min(line.Length, 100)]))}, {problem}");
}
