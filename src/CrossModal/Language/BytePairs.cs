using System.Text;

namespace CrossModal.Language;

/// <summary>Cuts a word into bytes and joins neighbours, the pair that was learned first before all others, as long as there is
/// one.</summary>
/// <remarks>Sennrich et al. 2016, over bytes as in GPT-2; the last byte of a word carries a mark. Source followed: Hugging Face tokenizers,
/// models/bpe and pre_tokenizers/byte_level.rs.</remarks>
internal sealed class BytePairs : ISubwordModel
{
    private readonly Merges _merges;

    // Numbers of each byte inside and at the end of a word.
    private readonly int[] _inside = new int[256];
    private readonly int[] _last = new int[256];

    /// <summary>Makes the model.</summary>
    /// <param name="vocabulary">The pieces, bytes written as characters (<see cref="Characters"/>).</param>
    /// <param name="merges">The pairs.</param>
    /// <param name="unknown">Number of what stands for a byte that the vocabulary lacks.</param>
    /// <param name="suffix">What the last piece of a word ends with: <c>&lt;/w&gt;</c>.</param>
    public BytePairs(SubwordVocabulary vocabulary, Merges merges, int unknown, string suffix)
    {
        (Vocabulary, _merges) = (vocabulary, merges);
        var end = Encoding.UTF8.GetBytes(suffix);
        var piece = new byte[4 + end.Length];
        for (var b = 0; b < 256; b++)
        {
            var length = new Rune(Characters[b]).EncodeToUtf8(piece);
            _inside[b] = Number(piece.AsSpan(0, length));
            end.CopyTo(piece, length);
            _last[b] = Number(piece.AsSpan(0, length + end.Length));
        }

        int Number(ReadOnlySpan<byte> bytes) => vocabulary.Find(bytes) is >= 0 and var id ? id : unknown;
    }

    /// <summary>How each byte is written: printable ones of Latin-1 as they are, the others as characters from U+0100 on.</summary>
    public static string Characters { get; } = Alphabet();

    /// <inheritdoc/>
    public SubwordVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public void Split(string word, List<int> ids)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        var pieces = new int[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) pieces[i] = (i + 1 < bytes.Length ? _inside : _last)[bytes[i]];
        Join(pieces);
        foreach (var piece in pieces)
            if (piece >= 0) ids.Add(piece);
    }

    /// <summary>Joins in place; what was joined to its left neighbour becomes -1.</summary>
    private void Join(int[] pieces)
    {
        // A list of neighbours and a queue of pairs: a word of n bytes takes n·log n steps, whatever its length.
        var (next, previous) = (new int[pieces.Length], new int[pieces.Length]);
        for (var i = 0; i < pieces.Length; i++) (next[i], previous[i]) = (i + 1 < pieces.Length ? i + 1 : -1, i - 1);
        var queue = new PriorityQueue<(int Place, int Left, int Right, int Joined), long>();
        for (var i = 0; i + 1 < pieces.Length; i++) Offer(i);
        while (queue.TryDequeue(out var pair, out _))
        {
            var right = pieces[pair.Place] == pair.Left ? next[pair.Place] : -1;
            if (right < 0 || pieces[right] != pair.Right) continue; // One of them has been joined to another since.
            pieces[pair.Place] = pair.Joined;
            pieces[right] = -1;
            next[pair.Place] = next[right];
            if (next[right] >= 0) previous[next[right]] = pair.Place;
            if (previous[pair.Place] >= 0) Offer(previous[pair.Place]);
            Offer(pair.Place);
        }

        void Offer(int place)
        {
            if (next[place] >= 0 && _merges.TryFind(pieces[place], pieces[next[place]], out var rank, out var joined))
                queue.Enqueue((place, pieces[place], pieces[next[place]], joined), (long)rank << 32 | (uint)place);
        }
    }

    private static string Alphabet()
    {
        var characters = new char[256];
        var others = 0;
        for (var b = 0; b < 256; b++)
            characters[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : (char)(0x100 + others++);
        return new string(characters);
    }
}
