namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens attended to.

/// <summary>
/// The way of a few panels of 16 queries from scores to output. Scores are computed transposed, [keys, 16] a panel: tokens are read
/// where they lie, the softmax needs no horizontal sums, and the weighted mean is made transposed too, [dv, 16] a panel.
/// </summary>
internal readonly unsafe ref partial struct AbsorbedGroup
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
        return Columns * (3L * count + 1 + (long)count * tileKeys) + MeansLength(o, count)
            + strips * AbsorbedTile.StripRows(tileKeys) * Columns;
    }

    private static long MeansLength(in AbsorbedOperands o, int count) => o.Values is null ? 0 : (long)count * o.ValueWidth * Columns;

    private static int XStrips(in AbsorbedOperands o) => o.PackedX != null ? 0 : (o.KeyWidth + Columns - 1) / Columns;

    /// <summary>Strips of Y to copy beside those of X, or those of V in use.</summary>
    private static int YStrips(in AbsorbedOperands o)
    {
        if (o.PackedY != null || o.IsOneTokens) return 0;
        return o.Values is null ? MatrixTile.WideColumns / Columns : (o.ValueWidth + Columns - 1) / Columns;
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
            if (_o.IsWide)
            {
                WideScores(keys, depth, piece, stripLength, k);
                continue;
            }

            for (var panel = 0; panel < _count; panel++)
            {
                AbsorbedTile.TimesTokens(keys, depth, piece, stripLength, _o.PanelAt(_batch, _first + panel) + k * Columns, ScoresOf(panel),
                    Width(panel), k == 0 ? null : _ones);
            }
        }

        if (_o.KeyWidth == 0) new Span<float>(_scores, _count * _tileKeys * Columns).Clear();
    }

    /// <summary>The same for a piece of the features, two panels at a time.</summary>
    private void WideScores(int keys, int depth, float* piece, nint stripLength, nint k)
    {
        for (var panel = 0; panel < _count; panel += 2)
        {
            var scores = ScoresOf(panel);
            MatrixTile.Wide(keys, new TileOperands
            {
                K = depth,
                A = piece,
                ARow = Columns,
                ACol = 1,
                ATileRow = Columns,
                ALine = stripLength,
                LineLength = Columns,
                FirstLength = Columns,
                B = _o.PanelAt(_batch, _first + panel) + k * Columns,
                BRow = Columns,
                BPanel = (nint)_o.KeyWidth * Columns,
                C = scores,
                CRow = Columns,
                CPanel = (nint)_tileKeys * Columns,
                Columns = WidePanels(panel),
                Addend = k == 0 ? null : scores,
                AddendRow = Columns,
            });
        }
    }

    /// <summary>Columns of a panel and the one behind it, if there is one.</summary>
    private int WidePanels(int panel) => Math.Min(2, _count - panel) * Columns;

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
        if (!IsOneTile) KeepWeights(column, columns, key, keys, scores);
        var at = panel * Columns;
        AttentionTile.SoftmaxStep(keys, columns, scores, _maximum + at, _sum + at, _rescale + at, _o.IsWide);
        if (IsOneTile) KeepWeights(column, columns, key, keys, scores);
    }

    /// <summary>Whether the first tile of keys is the only one, so that its exponentials are final.</summary>
    private bool IsOneTile => _o.Keys <= _tileKeys;

    /// <summary>Where weights are asked for: their exponentials where these are final, or else scores, which <see cref="Finish"/>
    /// completes.</summary>
    private void KeepWeights(int column, int columns, int key, int keys, float* numbers)
    {
        if (_o.Weights == null) return;
        var weights = _o.Weights + ((nint)_batch * _o.Heads * _o.Queries + column) * _o.Keys + key;
        AttentionTile.TransposeBack(columns, keys, numbers, weights, _o.Keys);
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
}
