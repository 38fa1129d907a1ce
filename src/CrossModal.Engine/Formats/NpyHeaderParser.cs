using System.Text;

namespace CrossModal.Engine.Formats;

/// <summary>
/// Parses the one Python literal an .npy header may hold, <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>;
/// nothing else of Python is understood.
/// </summary>
internal ref struct NpyHeaderParser(ReadOnlySpan<byte> text, int start, string name)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    /// <summary>The header, checked.</summary>
    public NpyHeader Parse()
    {
        (ElementType Type, bool BigEndian)? type = null;
        bool? fortran = null;
        int[]? shape = null;
        Expect('{');
        while (!Accept('}'))
        {
            var keyAt = _at;
            var key = ParseString("a key");
            Expect(':');
            switch (key)
            {
                case "descr" when type is null:
                    type = ParseType();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = ParseBoolean();
                    break;
                case "shape" when shape is null:
                    shape = ParseShape();
                    break;
                default:
                    throw Fail($"the header has an unknown or repeated key {FileFormatException.Quote(key)}", keyAt);
            }

            if (!Accept(','))
            {
                Expect('}');
                break;
            }
        }

        SkipBlanks();
        if (_at != _text.Length)
            throw Fail("the header goes on after its closing brace", _at);
        if (type is null || fortran is null || shape is null)
            throw Fail($"the header lacks {(type is null ? "descr" : fortran is null ? "fortran_order" : "shape")}", 0);
        if (!StoredArray.TryByteCount(type.Value.Type, Array.ConvertAll(shape, s => (long)s), out var bytes))
            throw Fail($"the shape {StoredArray.ShapeText<int>(shape)} is too large for any file", 0);
        return new NpyHeader(type.Value.Type, type.Value.BigEndian, fortran.Value, shape, start + _text.Length, bytes);
    }

    private (ElementType Type, bool BigEndian) ParseType()
    {
        SkipBlanks();
        if (_at < _text.Length && _text[_at] == '[')
            throw Fail("structured arrays are not supported", _at);
        var at = _at;
        var text = ParseString("descr");
        if (text.Contains('O'))
            throw Fail("object arrays hold Python pickles, which are never read", at);
        ElementType? type = text.Length < 2 || text[0] is not ('<' or '>' or '|' or '=') ? null : text[1..] switch
        {
            "f2" => ElementType.F16,
            "f4" => ElementType.F32,
            "f8" => ElementType.F64,
            "i1" => ElementType.I8,
            "u1" => ElementType.U8,
            "i2" => ElementType.I16,
            "u2" => ElementType.U16,
            "i4" => ElementType.I32,
            "u4" => ElementType.U32,
            "i8" => ElementType.I64,
            "u8" => ElementType.U64,
            "b1" => ElementType.Bool,
            _ => null,
        };
        if (type is null || (text[0] == '|' && type.Value.Size() > 1))
            throw Fail($"the type {FileFormatException.Quote(text)} is not supported", at);
        return (type.Value, text[0] == '>' || text[0] == '=' && !BitConverter.IsLittleEndian);
    }

    private bool ParseBoolean()
    {
        SkipBlanks();
        foreach (var value in (ReadOnlySpan<bool>)[true, false])
        {
            var word = value ? "True"u8 : "False"u8;
            if (_text[_at..].StartsWith(word))
            {
                _at += word.Length;
                return value;
            }
        }

        throw Fail("fortran_order is neither True nor False", _at);
    }

    private int[] ParseShape()
    {
        var sizes = new List<int>();
        var comma = true;
        Expect('(');
        while (!Accept(')'))
        {
            if (!comma)
                throw Fail("the shape has no comma between its sizes", _at);
            if (sizes.Count == NpyHeader.MostDimensions)
                throw Fail($"the shape has more than {NpyHeader.MostDimensions} dimensions", _at);
            sizes.Add(ParseSize());
            comma = Accept(',');
        }

        // (3) is a number in Python, not a shape.
        if (sizes.Count == 1 && !comma)
            throw Fail("the shape is a number and not a tuple", _at);
        return sizes.ToArray();
    }

    private int ParseSize()
    {
        SkipBlanks();
        var at = _at;
        var size = 0L;
        while (_at < _text.Length && _text[_at] is >= (byte)'0' and <= (byte)'9')
        {
            size = size * 10 + _text[_at++] - '0';
            if (size > int.MaxValue)
                throw Fail($"the shape has a size over {int.MaxValue}", at);
        }

        return _at > at ? (int)size : throw Fail("the shape has something that is not a whole number", at);
    }

    private string ParseString(string what)
    {
        SkipBlanks();
        var at = _at;
        if (_at == _text.Length || _text[_at] is not ((byte)'\'' or (byte)'"'))
            throw Fail($"{what} is not a string", at);
        var rest = _text[(_at + 1)..];
        var end = rest.IndexOf(_text[_at]);
        if (end < 0 || rest[..end].Contains((byte)'\\'))
            throw Fail($"{what} is not a plain string", at);
        _at += end + 2;
        return Encoding.Latin1.GetString(rest[..end]);
    }

    private void Expect(char wanted)
    {
        if (!Accept(wanted))
            throw Fail($"the header has no '{wanted}' where one belongs", _at);
    }

    private bool Accept(char wanted)
    {
        SkipBlanks();
        if (_at == _text.Length || _text[_at] != wanted)
            return false;
        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\n')
            _at++;
    }

    private readonly FileFormatException Fail(string problem, int at) => new(name, $"{problem}, at byte {start + at}");
}
