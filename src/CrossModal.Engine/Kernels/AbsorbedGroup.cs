using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens looked at.

/// <summary>
/// The way of a few panels of 16 queries from scores to output. Scores are computed transposed, [keys, 16] a panel: tokens are read
/// where they lie, the softmax needs no horizontal sums, and the weighted mean is made transposed too, [dv, 16] a panel.
/// </summary>
internal readonly unsafe ref struct AbsorbedGroup
{
    private const int Columns = MatrixTile.Columns;

    // Long sums are cut into pieces of this length that are added up: a rounding error of float32 grows with the length of a sum,
    // and a piece of the right operand, [256, 16], is half of the first-level cache.
    private const int Piece = 256;

    private readonly ref readonly AbsorbedOperands _o;
    private readonly int _batch, _first, _count, _tileKeys;
    private readonly float* _maximum, _sum, _rescale, _scores, _means, _strip, _maskRows, _maskPanel;

    /// <summary>Panels <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 of a batch element.</summary>
    public AbsorbedGroup(in AbsorbedOperands o, int batch, int first, int count, int tileKeys, float* scratch)
    {
        _o = ref o;
        (_batch, _first, _count, _tileKeys) = (batch, first, count, tileKeys);
        nint tile = (nint)tileKeys * Columns;
        _scores = scratch;
        _means = _scores + count * tile;
        _strip = _means + (o.Values is null ? 0 : (nint)count * o.ValueWidth * Columns);
        _maskRows = _strip + tile;
        _maskPanel = _maskRows + (o.Mask == null ? 0 : tile);
        _maximum = _maskPanel + (o.Mask == null ? 0 : tile);
        _sum = _maximum + count * Columns;
        _rescale = _sum + count * Columns;
    }

    /// <summary>Floats of scratch for <paramref name="count"/> panels.</summary>
    public static long ScratchLength(in AbsorbedOperands o, int count, int tileKeys)
    {
        var tile = (long)tileKeys * Columns;
        var means = o.Values is null ? 0 : (long)count * o.ValueWidth * Columns;
        return count * tile + means + tile + (o.Mask == null ? 0 : 2 * tile) + 3L * count * Columns;
    }

    /// <summary>Computes the outputs of the group.</summary>
    public void Run()
    {
        new Span<float>(_maximum, _count * Columns).Fill(float.NegativeInfinity);
        new Span<float>(_sum, _count * Columns).Clear();
        // A half of a panel that nobody uses is skipped by the softmax.
        new Span<float>(_rescale, _count * Columns).Fill(1);
        for (var key = 0; key < _o.Keys; key += _tileKeys)
        {
            var keys = Math.Min(_tileKeys, _o.Keys - key);
            Scores(key, keys);
            for (var panel = 0; panel < _count; panel++) Softmax(panel, key, keys);
            if (_o.Values is null) ProjectedValues(key, keys);
            else Means(key, keys);
        }

        for (var panel = 0; panel < _count; panel++)
        {
            if (_o.Values is not null) ApplyValues(panel);
            Finish(panel);
        }
    }

    private float* ScoresOf(int panel) => _scores + (nint)panel * _tileKeys * Columns;

    private float* MeansOf(int panel) => _means + (nint)panel * _o.ValueWidth * Columns;

    /// <summary>Columns to compute: a panel that is at most half full gets narrower tiles.</summary>
    private int Width(int panel) => _o.ColumnsOf(_first + panel) > 8 ? Columns : 8;

    private void Scores(int key, int keys)
    {
        var x = _o.X + _batch * _o.XBatch + key * _o.XRow;
        for (var k = 0; k < _o.KeyWidth; k += Piece)
        {
            var length = Math.Min(Piece, _o.KeyWidth - k);
            for (var panel = 0; panel < _count; panel++)
            {
                MatrixTile.Panel(keys, length, x + k, _o.XRow, 1, _o.PanelAt(_batch, _first + panel) + (nint)k * Columns, Columns,
                    ScoresOf(panel), Columns, Width(panel), null, k > 0);
            }
        }

        if (_o.KeyWidth == 0) new Span<float>(_scores, _count * _tileKeys * Columns).Clear();
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
        for (var feature = 0; feature < _o.ValueWidth; feature += Columns)
        {
            var features = Math.Min(Columns, _o.ValueWidth - feature);
            var strip = Strip(key, keys, feature, features);
            for (var panel = 0; panel < _count; panel++)
            {
                var means = MeansOf(panel) + (nint)feature * Columns;
                if (key > 0) Rescale(features, means, _rescale + panel * Columns);
                MatrixTile.Panel(features, keys, strip, 1, Columns, ScoresOf(panel), Columns, means, Columns, Width(panel), null, key > 0);
            }
        }
    }

    /// <summary>16 columns of Y or V for the keys of a tile, with rows of 16: rows a power of two apart would push each other out of the cache.</summary>
    private float* Strip(int key, int keys, int column, int columns)
    {
        var from = _o.RightAt(_batch, key, column, out var row);
        if (row == Columns) return from;
        MatrixPacking.PackPanels(keys, columns, from, row, 1, _strip);
        return _strip;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rescale(int rows, float* means, float* rescale)
    {
        var (left, right) = (Vector256.Load(rescale), Vector256.Load(rescale + 8));
        if (Vector256.EqualsAll(left, Vector256<float>.One) && Vector256.EqualsAll(right, Vector256<float>.One)) return;
        for (nint row = 0; row < rows; row++, means += Columns)
        {
            (Vector256.Load(means) * left).Store(means);
            (Vector256.Load(means + 8) * right).Store(means + 8);
        }
    }

    /// <summary>The queries of one head within a panel of the group: columns from <see cref="Start"/> on, which are queries from <see cref="Query"/> on.</summary>
    private readonly record struct Piecewise(int Head, int Query, int Start, int Count);

    private Piecewise HeadIn(int panel, int column)
    {
        var all = (_first + panel) * Columns + column;
        var query = all % _o.Queries;
        return new(all / _o.Queries, query, column, Math.Min(_o.Queries - query, _o.ColumnsOf(_first + panel) - column));
    }

    private nint OutputRow => (nint)_o.Heads * _o.HeadDim;

    private float* OutputAt(in Piecewise piece) => _o.Output + ((nint)_batch * _o.Queries + piece.Query) * OutputRow + (nint)piece.Head * _o.HeadDim;

    /// <summary>output = output * rescale + P V for values that were projected before.</summary>
    private void ProjectedValues(int key, int keys)
    {
        var firstHead = _first * Columns / _o.Queries;
        var last = _first + _count - 1;
        var lastHead = (last * Columns + _o.ColumnsOf(last) - 1) / _o.Queries;
        for (var head = firstHead; head <= lastHead; head++)
        {
            for (var column = 0; column < _o.HeadDim; column += Columns)
            {
                var columns = Math.Min(Columns, _o.HeadDim - column);
                var strip = Strip(key, keys, head * _o.HeadDim + column, columns);
                // The columns head * Nl up to (head + 1) * Nl, as far as they lie in this group.
                var all = Math.Max(head * _o.Queries, _first * Columns);
                var end = Math.Min((head + 1) * _o.Queries, last * Columns + _o.ColumnsOf(last));
                while (all < end)
                {
                    var panel = all / Columns - _first;
                    var piece = HeadIn(panel, all % Columns);
                    WeightedSum(panel, piece, keys, strip, OutputAt(piece) + column, columns, key > 0);
                    all += piece.Count;
                }
            }
        }
    }

    private void WeightedSum(int panel, in Piecewise piece, int keys, float* strip, float* output, int columns, bool accumulate)
    {
        var rescale = _rescale + panel * Columns + piece.Start;
        for (var i = 0; i < piece.Count && accumulate; i++)
        {
            if (rescale[i] != 1) VectorRow.Scale(output + i * OutputRow, output + i * OutputRow, columns, rescale[i]);
        }

        MatrixTile.Panel(piece.Count, keys, ScoresOf(panel) + piece.Start, 1, Columns, strip, Columns, output, OutputRow, columns, null, accumulate);
    }

    /// <summary>output = means Wv^T, head by head; not yet divided by the sums.</summary>
    private void ApplyValues(int panel)
    {
        var values = _o.Values!;
        for (int column = 0, count; column < _o.ColumnsOf(_first + panel); column += count)
        {
            var piece = HeadIn(panel, column);
            count = piece.Count;
            var output = OutputAt(piece);
            for (var d = 0; d < _o.HeadDim; d += Columns)
            {
                var weights = values.PanelAt(piece.Head, d / Columns);
                for (nint k = 0; k < _o.ValueWidth; k += Piece)
                {
                    MatrixTile.Panel(count, Math.Min(Piece, _o.ValueWidth - k), MeansOf(panel) + k * Columns + column, 1, Columns,
                        weights + k * Columns, Columns, output + d, OutputRow, Math.Min(Columns, _o.HeadDim - d), null, k > 0);
                }

                if (_o.ValueWidth > 0) continue;
                for (var i = 0; i < count; i++) new Span<float>(output + i * OutputRow + d, Math.Min(Columns, _o.HeadDim - d)).Clear();
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
            var piece = HeadIn(panel, column);
            var output = OutputAt(piece);
            var all = (_first + panel) * Columns + column;
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
