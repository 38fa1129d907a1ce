using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// From the probabilities of a group to its output: weighted means of tokens and the value projection, or weighted sums of projected values.
internal readonly unsafe ref partial struct AbsorbedGroup
{
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

    /// <summary>means[dv, 16] = means * rescale + Y^T P^T, strip by strip of 16 features of Y.</summary>
    private void Means(int key, int keys)
    {
        var strips = YStripsAt(key, keys, out var stripLength);
        for (nint strip = 0; strip * Columns < _o.ValueWidth; strip++)
        {
            var features = (int)Math.Min(Columns, _o.ValueWidth - strip * Columns);
            if (_o.IsWide)
            {
                WideMeans(features, keys, strips + strip * stripLength, strip * Columns * Columns, key > 0);
                continue;
            }

            for (var panel = 0; panel < _count; panel++)
            {
                AbsorbedTile.TimesFeatures(features, keys, strips + strip * stripLength, ScoresOf(panel),
                    MeansOf(panel) + strip * Columns * Columns,
                    Width(panel), key == 0 ? null : _rescale + panel * Columns);
            }
        }
    }

    /// <summary>The same for one strip, two panels at a time.</summary>
    private void WideMeans(int features, int keys, float* strip, nint offset, bool accumulate)
    {
        for (var panel = 0; panel < _count; panel += 2)
        {
            var means = MeansOf(panel) + offset;
            MatrixTile.Wide(features, new TileOperands
            {
                K = keys,
                A = strip,
                ARow = 1,
                ACol = Columns,
                ATileRow = 1,
                B = ScoresOf(panel),
                BRow = Columns,
                BPanel = (nint)_tileKeys * Columns,
                C = means,
                CRow = Columns,
                CPanel = (nint)_o.ValueWidth * Columns,
                Columns = WidePanels(panel),
                Addend = accumulate ? means : null,
                AddendRow = Columns,
                Factor = _rescale + panel * Columns,
            });
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

    private float* OutputAt(in Piecewise piece) =>
        _o.Output + ((nint)_batch * _o.Queries + piece.Query) * OutputRow + (nint)piece.Head * _o.HeadDim;

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
            for (int d = 0, width; d < _o.HeadDim; d += width)
            {
                width = Math.Min(_o.IsWide ? MatrixTile.WideColumns : Columns, _o.HeadDim - d);
                var strip = VStripAt(key, keys, head * _o.HeadDim + d, width, out var stripLength);
                for (int column = start, count; column < end; column += count)
                {
                    var piece = HeadIn(column);
                    count = piece.Count;
                    WeightedSum(piece, keys, strip, stripLength, OutputAt(piece) + d, width, key > 0);
                }
            }
        }
    }

    /// <summary>Columns of V with rows of 16: rows a power of two apart would push each other out of the cache.</summary>
    private float* VStripAt(int key, int keys, int column, int width, out nint stripLength)
    {
        if (_o.PackedY != null)
        {
            var strips = PackedAt(_o.PackedY, _o.VBatch, _o.Heads * _o.HeadDim, key, out stripLength);
            return strips + column / Columns * stripLength;
        }

        stripLength = _tileStrip;
        AbsorbedTile.Pack(keys, width, _o.V + _batch * _o.VBatch + key * _o.VRow + column, _o.VRow, _yStrips, _tileStrip);
        return _yStrips;
    }

    private void WeightedSum(in Piecewise piece, int keys, float* strip, nint stripLength, float* output, int width, bool accumulate)
    {
        var rescale = _rescale + piece.Panel * Columns + piece.Start;
        for (var i = 0; i < piece.Count && accumulate; i++)
        {
            if (rescale[i] != 1) VectorRow.Scale(output + i * OutputRow, output + i * OutputRow, width, rescale[i]);
        }

        Product(piece.Count, keys, ScoresOf(piece.Panel) + piece.Start, strip, stripLength, output, width, accumulate);
    }

    /// <summary>
    /// output[rows, columns] (+)= the transpose of left[depth, rows] times right[depth, columns], in panels that are filled up.
    /// </summary>
    private void Product(int rows, nint depth, float* left, float* right, nint rightPanel, float* output, int columns, bool accumulate)
    {
        var o = new TileOperands
        {
            K = depth,
            A = left,
            ARow = 1,
            ACol = Columns,
            ATileRow = 1,
            B = right,
            BRow = Columns,
            BPanel = rightPanel,
            C = output,
            CRow = OutputRow,
            CPanel = Columns,
            Columns = columns,
            Addend = accumulate ? output : null,
            AddendRow = OutputRow,
        };
        if (_o.IsWide && columns > 8) MatrixTile.Wide(rows, o);
        else MatrixTile.Panel(rows, o);
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
                for (int d = 0, columns; d < _o.HeadDim; d += columns)
                {
                    columns = Math.Min(_o.IsWide ? MatrixTile.WideColumns : Columns, _o.HeadDim - d);
                    var weights = values.PanelAt(head, d / Columns) + k * Columns;
                    for (int column = start, count; column < end; column += count)
                    {
                        var piece = HeadIn(column);
                        count = piece.Count;
                        var means = MeansOf(piece.Panel) + k * Columns + piece.Start;
                        Product(count, depth, means, weights, (nint)_o.ValueWidth * Columns, OutputAt(piece) + d, columns, k > 0);
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
            if (!IsOneTile) VectorRow.ExpSum(weights, weights, _o.Keys, float.IsNegativeInfinity(maximum) ? 0 : maximum);
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
