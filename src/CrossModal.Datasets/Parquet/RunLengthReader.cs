namespace CrossModal.Datasets;

/// <summary>Reads whole numbers of few bits: runs of one value, and packed groups of eight (Parquet's RLE / bit-packing hybrid).</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="bits">Bits of a number, 0 to 32.</param>
internal ref struct RunLengthReader(ReadOnlySpan<byte> bytes, int bits)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private long _run;
    private uint _value;
    private bool _packed;
    private long _bit;

    /// <summary>Reads the next numbers.</summary>
    /// <returns>False when the bytes end before.</returns>
    public bool TryRead(Span<int> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (_run == 0 && !Next()) return false;
            _run--;
            if (!_packed)
            {
                values[i] = (int)_value;
                continue;
            }

            if (_bit + bits > 8L * _bytes.Length) return false;
            ulong window = 0;
            for (var (b, shift) = ((int)(_bit >> 3), 0); b < _bytes.Length && shift < 40; b++, shift += 8)
                window |= (ulong)_bytes[b] << shift;
            values[i] = (int)(uint)(window >> (int)(_bit & 7) & ((1ul << bits) - 1));
            _bit += bits;
            if (_run == 0) _at = (int)((_bit + 7) >> 3);
        }

        return true;
    }

    /// <summary>Reads the head of a run or of packed groups.</summary>
    private bool Next()
    {
        // Numbers of no bits need no bytes: they are all 0.
        if (bits == 0)
        {
            (_run, _value, _packed) = (long.MaxValue, 0, false);
            return true;
        }

        ulong head = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (_at >= _bytes.Length || shift > 35) return false;
            head |= (ulong)(_bytes[_at] & 127) << shift;
            if (_bytes[_at++] < 128) break;
        }

        _packed = (head & 1) == 1;
        _run = (long)(head >> 1) * (_packed ? 8 : 1);
        if (_run == 0) return false;
        if (_packed)
        {
            _bit = 8L * _at;
            return true;
        }

        var length = (bits + 7) / 8;
        if (_at + length > _bytes.Length) return false;
        _value = 0;
        for (var b = 0; b < length; b++) _value |= (uint)_bytes[_at++] << (8 * b);
        return true;
    }
}
