using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Language;

/// <summary>Pieces of words and their numbers, kept as the bytes of UTF-8 so that a file takes little more memory than it has
/// bytes.</summary>
internal sealed class SubwordVocabulary
{
    /// <summary>Numbers are embedded as float32, which counts to here.</summary>
    public const int LargestId = (1 << 24) - 1;

    private const int LongestPiece = ushort.MaxValue;

    private readonly byte[] _text;
    private readonly int[] _starts;
    private readonly ushort[] _lengths;
    private readonly int[] _ids;

    // Open addressing: places of pieces, one more than they are, 0 where there is none.
    private readonly int[] _table;
    private int _count;

    /// <summary>Makes room.</summary>
    /// <param name="text">Memory the pieces lie in.</param>
    /// <param name="pieces">How many pieces will be added at most.</param>
    public SubwordVocabulary(byte[] text, int pieces)
    {
        _text = text;
        (_starts, _lengths, _ids) = (new int[pieces], new ushort[pieces], new int[pieces]);
        var size = 16;
        while (size < pieces / 3 * 4) size *= 2;
        _table = new int[size];
    }

    /// <summary>How many numbers there are: one more than the largest.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a piece that lies in the memory; a piece that was there before gets the new number.</summary>
    /// <exception cref="FileFormatException">The piece or the number cannot be.</exception>
    public void Add(int start, int length, int id, string file)
    {
        if (length > LongestPiece)
            throw new FileFormatException(file, $"a piece of {length} bytes is over the limit of {LongestPiece}, number {id}");
        if (id is < 0 or > LargestId)
            throw new FileFormatException(file,
            $"the piece {FileFormatException.Quote(Encoding.UTF8.GetString(_text, start, length))} has the number {id}, not one from 0 to {LargestId}");
        Count = Math.Max(Count, id + 1);
        var slot = Slot(_text.AsSpan(start, length));
        if (_table[slot] > 0)
        {
            _ids[_table[slot] - 1] = id;
            return;
        }

        (_starts[_count], _lengths[_count], _ids[_count]) = (start, (ushort)length, id);
        _table[slot] = ++_count;
    }

    /// <summary>The number of a piece, or -1.</summary>
    public int Find(ReadOnlySpan<byte> piece)
    {
        var place = _table[Slot(piece)];
        return place > 0 ? _ids[place - 1] : -1;
    }

    /// <summary>The number of a piece, or -1.</summary>
    public int Find(string piece) => Find(Encoding.UTF8.GetBytes(piece));

    /// <summary>The piece of a number, found by trying all; null when there is none.</summary>
    public string? Piece(int id)
    {
        var place = Array.IndexOf(_ids, id, 0, _count);
        return place < 0 ? null : Encoding.UTF8.GetString(_text, _starts[place], _lengths[place]);
    }

    private int Slot(ReadOnlySpan<byte> piece)
    {
        // Seeded anew in every process: no file can be made to have all its pieces collide.
        var hash = new HashCode();
        hash.AddBytes(piece);
        var slot = hash.ToHashCode() & (_table.Length - 1);
        while (_table[slot] is > 0 and var place && !piece.SequenceEqual(_text.AsSpan(_starts[place - 1], _lengths[place - 1])))
            slot = (slot + 1) & (_table.Length - 1);
        return slot;
    }
}
