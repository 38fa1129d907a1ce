using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens attended to.

/// <summary>
/// The way of a few panels of 16 queries from scores to output. Scores are computed transposed, [keys, 16] a panel: tokens are read
/// where they lie, the softmax needs no horizontal sums, and the weighted mean is made transposed too, [dv, 16] a panel.
/// </summary>
internal readonly unsafe ref struct AbsorbedGroup
{
    private const int Columns = AbsorbedTile.Columns;

    // Sums are cut into pieces that are added up: a rounding error of float32 grows with the length of a sum. An error of a score
    // counts as a whole (a score of 16 is known to 1e-6 at best, and so is its weight), hence the shorter pieces.
    private const int ScorePiece = 64;
    private const int ValuePiece = 256;

    private readonly ref readonly AbsorbedOperands _o;
    private readonly int _batch, _first, _count, _tileKeys;
    private readonly nint _tileStrip;
    private readonly float* _maximum, _sum, _rescale, _ones, _scores, _means, _xStrips, _yStrips, _maskRows, _maskPanel;

    /// <summary>Panels <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 of a batch element.</summary>
    public AbsorbedGroup(in AbsorbedOperands o, int batch, int first, int count, int tileKeys, float* scratch)
    {
        _o = ref o;
        (_batch, _first, _count, _tileKeys) = (batch, first, count, tileKeys);
        _tileStrip = (nint)AbsorbedTile.StripRows(tileKeys) * Columns;
        _maximum = scratch;
        _sum = _maximum + count * Columns;
        _rescale = _sum + count * Columns;
        _ones = _rescale + count * Columns;
        _scores = _ones + Columns;
        _means = _scores + (nint)count * tileKeys * Columns;
        _xStrips = _means + (nint)MeansLength(o, count);
        _yStrips = _xStrips + XStrips(o) * _tileStrip;
        _maskRows = _yStrips + YStrips(o) * _tileStrip;
        _maskPanel = _maskRows + _tileStrip;
    }

    /// <summary>Floats of scratch for <paramref name="count"/> panels.</summary>
    public static long ScratchLength(in AbsorbedOperands o, int count, int tileKeys)
    {
        var strips = XStrips(o) + YStrips(o) + (o.Mask == null ? 0L : 2);
        return Columns * (3L * count + 1 + (long)count * tileKeys) + MeansLength(o, count) + strips * AbsorbedTile.StripRows(tileKeys) * Columns;
    }

    private static long MeansLength(in AbsorbedOperands o, int count) => o.Values is null ? 0 : (long)count * o.ValueWidth * Columns;

    private static int XStrips(in AbsorbedOperands o) => o.PackedX != null ? 0 : (o.KeyWidth + Columns - 1) / Columns;

    /// <summary>Strips of Y to copy beside those of X, or the one of V in use.</summary>
    private static int YStrips(in AbsorbedOperands o)
    {
        if (o.PackedY != null || o.IsOneTokens) return 0;
        return o.Values is null ? 1 : (o.ValueWidth + Columns - 1) / Columns;
    }

    /// <summary>Computes the outputs of the group.</summary>
    public void Run()
    {
        new Span<float>(_maximum, _count * Columns).Fill(float.NegativeInfinity);
        new Span<float>(_sum, _count * Columns).Clear();
        // A half of a panel that nobody uses is skipped by the softmax.
        new Span<float>(_rescale, _count * Columns).Fill(1);
        new Span<float>(_ones, Columns).Fill(1);
        for (var key = 0; key < _o.Keys; key += _tileKeys)
        {
            var keys = Math.Min(_tileKeys, _o.Keys - key);
            Scores(key, keys);
            for (var panel = 0; panel < _count; panel++) Softmax(panel, key, keys);
            if (_o.Values is null) ProjectedValues(key, keys);
            else Means(key, keys);
        }

        if (_o.Values is not null) ApplyValues();
        for (var panel = 0; panel < _count; panel++) Finish(panel);
    }

    private float* ScoresOf(int panel) => _scores + (nint)panel * _tileKeys * Columns;

    private float* MeansOf(int panel) => _means + (nint)panel * _o.ValueWidth * Columns;

    /// <summary>Columns to compute: a panel that is at most half full gets narrower tiles.</summary>
    private int Width(int panel) => _o.ColumnsOf(_first + panel) > 8 ? Columns : 8;

    private void Scores(int key, int keys)
    {
        var packed = _o.PackedX != null;
        var stripLength = _tileStrip;
        var strips = packed ? PackedAt(_o.PackedX, _o.XBatch, _o.KeyWidth, key, out stripLength) : _xStrips;
        var x = _o.X + _batch * _o.XBatch + key * _o.XRow;
        for (nint k = 0; k < _o.KeyWidth; k += ScorePiece)
        {
            var depth = (int)Math.Min(ScorePiece, _o.KeyWidth - k);
            var piece = strips + k / Columns * stripLength;
            if (!packed) AbsorbedTile.Pack(keys, depth, x + k, _o.XRow, piece, stripLength);
            for (var panel = 0; panel < _count; panel++)
            {
                AbsorbedTile.TimesTokens(keys, depth, piece, stripLength, _o.PanelAt(_batch, _first + panel) + k * Columns, ScoresOf(panel),
                    Width(panel), k == 0 ? null : _ones);
            }
        }

        if (_o.KeyWidth == 0) new Span<float>(_scores, _count * _tileKeys * Columns).Clear();
    }

    /// <summary>The strips of Y, which the scores may have copied.</summary>
    private float* YStripsAt(int key, int keys, out nint stripLength)
    {
        if (_o.PackedY != null) return PackedAt(_o.PackedY, _o.YBatch, _o.ValueWidth, key, out stripLength);
        if (_o.IsOneTokens && _o.PackedX != null) return PackedAt(_o.PackedX, _o.XBatch, _o.KeyWidth, key, out stripLength);
        stripLength = _tileStrip;
        if (_o.IsOneTokens) return _xStrips;
        AbsorbedTile.Pack(keys, _o.ValueWidth, _o.Y + _batch * _o.YBatch + key * _o.YRow, _o.YRow, _yStrips, stripLength);
        return _yStrips;
    }

    private float* PackedAt(float* packed, nint batchStride, int width, int key, out nint stripLength)
    {
        stripLength = (nint)AbsorbedTile.StripRows(_o.Keys) * Columns;
        nint batch = batchStride == 0 ? 0 : _batch;
        return packed + batch * ((width + Columns - 1) / Columns) * stripLength + (nint)key * Columns;
    }

    private void Softmax(int panel, int key, int keys)
    {
        var scores = ScoresOf(panel);
        var column = (_first + panel) * Columns;
        var columns = _o.ColumnsOf(_first + panel);
        if (_o.Mask != null) AddMask(column, columns, key, keys, scores);
        if (_o.Weights != null)
            AttentionTile.TransposeBack(columns, keys, scores, _o.Weights + ((nint)_batch * _o.Heads * _o.Queries + column) * _o.Keys + key, _o.Keys);
        var at = panel * Columns;
        AttentionTile.SoftmaxStep(keys, scores, _maximum + at, _sum + at, _rescale + at);
        if (columns > 8) AttentionTile.SoftmaxStep(keys, scores + 8, _maximum + at + 8, _sum + at + 8, _rescale + at + 8);
    }

    private void AddMask(int column, int columns, int key, int keys, float* scores)
    {
        if (_o.MaskShape.Queries == 1 && _o.MaskShape.Heads == 1)
        {
            AttentionTile.AddToRows(keys, scores, _o.MaskAt(_batch, 0) + key);
            return;
        }

        for (var c = 0; c < columns; c++)
            new Span<float>(_o.MaskAt(_batch, column + c) + key, keys).CopyTo(new Span<float>(_maskRows + (nint)c * keys, keys));
        AttentionTile.Transpose(columns, keys, _maskRows, keys, _maskPanel, 1);
        AttentionTile.Add(keys, scores, _maskPanel);
    }

    /// <summary>means[dv, 16] = means * rescale + Y^T P^T, strip by strip of 16 features of Y.</summary>
    private void Means(int key, int keys)
    {
        var strips = YStripsAt(key, keys, out var stripLength);
        for (nint strip = 0; strip * Columns < _o.ValueWidth; strip++)
        {
            var features = (int)Math.Min(Columns, _o.ValueWidth - strip * Columns);
            for (var panel = 0; panel < _count; panel++)
            {
                AbsorbedTile.TimesFeatures(features, keys, strips + strip * stripLength, ScoresOf(panel), MeansOf(panel) + strip * Columns * Columns,
                    Width(panel), key == 0 ? null : _rescale + panel * Columns);
            }
        }
    }

    /// <summary>The queries of one head within a panel of the group: its columns from Start on are the queries from Query on.</summary>
    private readonly record struct Piecewise(int Head, int Query, int Panel, int Start, int Count);

    private Piecewise HeadIn(int column)
    {
        var (head, query, panel) = (column / _o.Queries, column % _o.Queries, column / Columns);
        var start = column % Columns;
        return new(head, query, panel - _first, start, Math.Min(_o.Queries - query, _o.ColumnsOf(panel) - start));
    }

    private nint OutputRow => (nint)_o.Heads * _o.HeadDim;

    private float* OutputAt(in Piecewise piece) => _o.Output + ((nint)_batch * _o.Queries + piece.Query) * OutputRow + (nint)piece.Head * _o.HeadDim;

    /// <summary>The columns h Nl to (h + 1) Nl - 1 of a head, as far as they lie in this group.</summary>
    private (int Start, int End) ColumnsOf(int head)
    {
        var last = _first + _count - 1;
        return (Math.Max(head * _o.Queries, _first * Columns), Math.Min((head + 1) * _o.Queries, last * Columns + _o.ColumnsOf(last)));
    }

    private (int First, int End) Heads()
    {
        var last = _first + _count - 1;
        return (_first * Columns / _o.Queries, (last * Columns + _o.ColumnsOf(last) - 1) / _o.Queries + 1);
    }

    /// <summary>output = output * rescale + P V for values that were projected before.</summary>
    private void ProjectedValues(int key, int keys)
    {
        var (firstHead, endHead) = Heads();
        for (var head = firstHead; head < endHead; head++)
        {
            var (start, end) = ColumnsOf(head);
            for (var d = 0; d < _o.HeadDim; d += Columns)
            {
                var width = Math.Min(Columns, _o.HeadDim - d);
                var strip = VStripAt(key, keys, head * _o.HeadDim + d, width);
                for (int column = start, count; column < end; column += count)
                {
                    var piece = HeadIn(column);
                    count = piece.Count;
                    WeightedSum(piece, keys, strip, OutputAt(piece) + d, width, key > 0);
                }
            }
        }
    }

    /// <summary>Columns of V with rows of 16: rows a power of two apart would push each other out of the cache.</summary>
    private float* VStripAt(int key, int keys, int column, int width)
    {
        if (_o.PackedY != null)
        {
            var strips = PackedAt(_o.PackedY, _o.VBatch, _o.Heads * _o.HeadDim, key, out var stripLength);
            return strips + column / Columns * stripLength;
        }

        AbsorbedTile.Pack(keys, width, _o.V + _batch * _o.VBatch + key * _o.VRow + column, _o.VRow, _yStrips, _tileStrip);
        return _yStrips;
    }

    private void WeightedSum(in Piecewise piece, int keys, float* strip, float* output, int width, bool accumulate)
    {
        var rescale = _rescale + piece.Panel * Columns + piece.Start;
        for (var i = 0; i < piece.Count && accumulate; i++)
        {
            if (rescale[i] != 1) VectorRow.Scale(output + i * OutputRow, output + i * OutputRow, width, rescale[i]);
        }

        MatrixTile.Panel(piece.Count, keys, ScoresOf(piece.Panel) + piece.Start, 1, Columns, strip, Columns, output, OutputRow, width, null, accumulate);
    }

    /// <summary>output = means Wv^T, head by head; not yet divided by the sums.</summary>
    private void ApplyValues()
    {
        var values = _o.Values!;
        var (firstHead, endHead) = Heads();
        for (var head = firstHead; head < endHead; head++)
        {
            var (start, end) = ColumnsOf(head);
            // Without features there is nothing to add up; one step over nothing writes the zeros.
            for (nint k = 0; k < Math.Max(1, _o.ValueWidth); k += ValuePiece)
            {
                var depth = Math.Min(ValuePiece, _o.ValueWidth - k);
                for (var d = 0; d < _o.HeadDim; d += Columns)
                {
                    var weights = values.PanelAt(head, d / Columns) + k * Columns;
                    for (int column = start, count; column < end; column += count)
                    {
                        var piece = HeadIn(column);
                        count = piece.Count;
                        MatrixTile.Panel(count, depth, MeansOf(piece.Panel) + k * Columns + piece.Start, 1, Columns, weights, Columns,
                            OutputAt(piece) + d, OutputRow, Math.Min(Columns, _o.HeadDim - d), null, k > 0);
                    }
                }
            }
        }
    }

    /// <summary>Divides by the sums, adds the bias of the values and completes the weights.</summary>
    private void Finish(int panel)
    {
        var columns = _o.ColumnsOf(_first + panel);
        var bias = _o.Values is null ? null : _o.Values.Bias;
        for (var column = 0; column < columns; column++)
        {
            var all = (_first + panel) * Columns + column;
            var piece = HeadIn(all);
            var output = OutputAt(piece);
            var weights = _o.Weights == null ? null : _o.Weights + ((nint)_batch * _o.Heads * _o.Queries + all) * _o.Keys;
            var (sum, maximum) = (_sum[panel * Columns + column], _maximum[panel * Columns + column]);
            if (sum == 0)
            {
                new Span<float>(output, _o.HeadDim).Clear();
                if (weights != null) new Span<float>(weights, _o.Keys).Clear();
                continue;
            }

            ScaleAndAdd(output, _o.HeadDim, 1 / sum, bias == null ? null : bias + (nint)piece.Head * _o.HeadDim);
            if (weights == null) continue;
            // Only a NaN score leaves a sum beside a maximum of -infinity.
            VectorRow.ExpSum(weights, weights, _o.Keys, float.IsNegativeInfinity(maximum) ? 0 : maximum);
            VectorRow.Scale(weights, weights, _o.Keys, 1 / sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleAndAdd(float* row, int length, float factor, float* bias)
    {
        if (bias == null)
        {
            VectorRow.Scale(row, row, length, factor);
            return;
        }

        nint i = 0;
        for (; i + 8 <= length; i += 8) (Vector256.Load(row + i) * factor + Vector256.Load(bias + i)).Store(row + i);
        for (; i < length; i++) row[i] = row[i] * factor + bias[i];
    }
}
