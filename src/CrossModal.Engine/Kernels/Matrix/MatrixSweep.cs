using System.Runtime.CompilerServices;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// C[M, N] = activation(A B + bias) + addend for one thread: blocks of rows, panels of B, blocks of k, tiles. A block of A stays in L2, a
/// panel of B is fetched ahead from L3, and the sums of a panel of C do not leave L1 before they are complete, so that C is written once.
/// </summary>
/// <remarks>Each element is a sum over k in blocks whose bounds depend on K alone: no split of rows or columns changes a bit.</remarks>
internal unsafe struct MatrixSweep
{
    /// <summary>
    /// The longest block of k. A panel of B (64 KB) is then streamed from L2, which keeps up (11 of 32 bytes a cycle), and a tile
    /// runs long enough to hide its beginning and end; blocks that fit L1 were no faster.
    /// </summary>
    public const int BlockDepth = 1024;

    // 384 KB of A, three quarters of L2, but enough rows that a panel of B from L3 is used often.
    private const int BlockFloats = 98304;
    private const int MaxBlockRows = 192;
    private const int MinBlockRows = 96;

    // Sums of up to so many products are over before a line of C that is not in L1 has come.
    private const int ShortSum = 128;

    private const int LineFloats = 16;

    // Rows from which and up to which a copy further apart pays.
    private const int FewRows = 16;
    private const int SomeRows = 128;

    // A B of 128 KB.
    private const int ResidentFloats = 1 << 15;

    /// <summary>Rows of C, columns of C, and the length of each sum.</summary>
    public int M, N, K;

    /// <summary>How many products are summed in one accumulator; shorter blocks round less and cost a few percent.</summary>
    public required int Depth;

    /// <summary>The left operand with any strides, and the end of the memory it lies in.</summary>
    public float* A, AEnd;

    /// <summary>Distances in elements.</summary>
    public nint ARow, ACol, BRow, BPanel, CRow;

    /// <summary>The right operand: panel j begins at j * <see cref="BPanel"/>, with 16 adjacent columns and rows <see cref="BRow"/>
    /// apart.</summary>
    public float* B;

    /// <summary>The result, with adjacent columns.</summary>
    public float* C;

    /// <summary>What becomes of the product; the residual may be <see cref="C"/>.</summary>
    public Epilogue Epilogue;

    /// <summary>The operands of the product that follows in a batch, [M, K] and [K, N] floats, or null: fetched meanwhile.</summary>
    public float* NextA, NextB;

    /// <summary>Whether tiles are those of vectors of 512 bits.</summary>
    public bool IsWide;

    /// <summary>Whether the last panel of B is filled up, so that it may be read in whole vectors.</summary>
    public bool IsFilledUp;

    /// <summary>Computes all of C.</summary>
    [SkipLocalsInit]
    public void Run()
    {
        var blockRows = Math.Clamp(BlockFloats / Math.Max(K, 1) / MatrixTile.Rows * MatrixTile.Rows, MinBlockRows, MaxBlockRows);
        var blocks = (M + blockRows - 1) / blockRows;
        var pack = PacksRows();
        // Only sums that are not written to C at once need room.
        var hasSums = DepthBlocks > 1 || Epilogue.Activation != EpilogueActivation.None;
        var sums = stackalloc float[hasSums ? MaxBlockRows * MatrixTile.WideColumns : 1];
        for (var i = 0; i < blocks; i++)
        {
            var (start, end) = RowSplit.Range(M, i, blocks);
            var left = A + start * ARow;
            _leftRow = ARow;
            ChooseAhead(end, Math.Min(M - end, end - start));
            if (pack)
            {
                left = PackingBuffer.Rent(PackingBuffer.Left, (long)(end - start) * K + 8);
                PackRows(start, end - start, left);
            }
            else if (SpacesRows())
            {
                left = PackingBuffer.Rent(PackingBuffer.Left, (long)(end - start) * (K + LineFloats));
                _leftRow = K + LineFloats;
                for (var row = 0; row < end - start; row++)
                    new ReadOnlySpan<float>(A + (start + row) * ARow, K).CopyTo(new Span<float>(left + row * _leftRow, K));
            }

            for (int column = 0, columns; column < N; column += columns)
            {
                columns = Math.Min(N - column, IsWide ? MatrixTile.WideColumns : MatrixTile.Columns);
                if (!IsFilledUp && columns > MatrixTile.Columns && columns < MatrixTile.WideColumns) columns = MatrixTile.Columns;
                RunPanel(start, end - start, column, columns, left, pack, sums);
            }
        }
    }

    // At least one, so that an empty sum is written too.
    // What the even and the odd panels of a block of rows fetch ahead; null: the next panel.
    private float* _aheadEven, _aheadOdd;
    private long _evenLength, _oddLength;

    // Numbers from one row of the left operand to the next, as tiles read it.
    private nint _leftRow;

    private readonly int DepthBlocks => Math.Max(1, (K + Depth - 1) / Depth);

    private readonly bool PacksRows()
    {
        // Adjacent k are read in place at full speed, unless the rows of a tile fall on the same lines of L1.
        if (ACol == 1) return !SpacesRows() && (ARow & 1023) == 0 && N >= 128 && M > 1;
        return N > MatrixTile.Columns;
    }

    /// <summary>Rows 2 KB apart find room for few lines in L1. With some dozens of rows, a copy a line further apart pays; few rows stay in
    /// L1 all the same, and of many the copy leaves it.</summary>
    private readonly bool SpacesRows() =>
        IsWide && ACol == 1 && (ARow & 511) == 0 && N >= 256 && M is > FewRows and <= SomeRows;

    private readonly void PackRows(int row, int rows, float* to)
    {
        for (var i = 0; i < DepthBlocks; i++)
        {
            var (start, end) = RowSplit.Range(K, i, DepthBlocks);
            MatrixPacking.PackTiles(rows, end - start, A + row * ARow + start * ACol, ARow, ACol, AEnd, to);
            to += (nint)rows * (end - start);
        }
    }

    private readonly void RunPanel(int row, int rows, int column, int columns, float* left, bool packed, float* sums)
    {
        var c = C + row * CRow + column;
        var residual = Epilogue.Residual == null ? null : Epilogue.Residual + row * Epilogue.ResidualRow + column;
        var isActivated = Epilogue.Activation != EpilogueActivation.None;
        var sumsRow = columns > MatrixTile.Columns ? MatrixTile.WideColumns : MatrixTile.Columns;
        var b = B + column / MatrixTile.Columns * BPanel;
        var blocks = DepthBlocks;
        for (var i = 0; i < blocks; i++)
        {
            var (start, end) = RowSplit.Range(K, i, blocks);
            var o = new TileOperands
            {
                K = end - start,
                A = left + start * ACol,
                ARow = _leftRow,
                ACol = ACol,
                ATileRow = _leftRow,
                B = b + start * BRow,
                BRow = BRow,
                BPanel = BPanel,
                C = sums,
                CRow = sumsRow,
                CPanel = MatrixTile.Columns,
                Columns = columns,
                Addend = sums,
                AddendRow = sumsRow,
            };
            if (packed)
            {
                o.A = left + (nint)rows * start;
                o.ATileRow = end - start;
            }

            if (i == 0)
            {
                o.Addend = isActivated ? null : residual;
                o.AddendRow = Epilogue.ResidualRow;
            }

            if (i == blocks - 1)
            {
                o.Bias = Epilogue.Bias == null ? null : Epilogue.Bias + column;
                if (!isActivated)
                {
                    o.C = c;
                    o.CRow = CRow;
                    o.FetchesResult = K <= ShortSum;
                }
            }

            FetchAhead(ref o, column);
            Tiles(rows, o, packed);
        }

        if (isActivated) EpilogueTile.Write(Epilogue.Activation, rows, columns, sums, sumsRow, c, CRow, residual, Epilogue.ResidualRow);
    }

    private readonly void Tiles(int rows, in TileOperands o, bool packed)
    {
        // Of up to 8 columns a vector of 512 bits would be filled to a half at most.
        var isWide = IsWide && o.Columns > 8 && (IsFilledUp || o.Columns % MatrixTile.Columns == 0);
        switch (isWide, packed)
        {
            case (true, true): MatrixTile.WidePacked(rows, o); break;
            case (true, false): MatrixTile.Wide(rows, o); break;
            case (false, true): MatrixTile.Packed(rows, o); break;
            default: MatrixTile.Panel(rows, o); break;
        }
    }

    private void ChooseAhead(int row, int rows)
    {
        _aheadEven = _aheadOdd = null;
        if (NextA != null && rows == 0)
        {
            _aheadEven = NextA;
            _aheadOdd = NextB;
            _evenLength = (long)M * K;
            _oddLength = (long)K * N;
        }
        else if (rows > 0 && (long)K * N <= ResidentFloats && ACol == 1 && ARow == K && CRow == N)
        {
            // B stays in L2 whole: what is missed is the next rows of A and C.
            _aheadEven = A + row * ARow;
            _aheadOdd = C + row * CRow;
            _evenLength = (long)rows * K;
            _oddLength = (long)rows * N;
        }
    }

    private readonly void FetchAhead(ref TileOperands o, int column)
    {
        if (_aheadEven == null)
        {
            // Packed panels follow each other in memory: the next block of this panel, or the next panel.
            if (BRow != MatrixTile.Columns) return;
            o.Ahead = o.B + o.K * BRow;
            o.AheadEnd = o.Ahead + o.K * BRow;
            return;
        }

        var panel = column / MatrixTile.Columns;
        var shares = ((N + MatrixTile.Columns - 1) / MatrixTile.Columns + 1) / 2;
        var next = panel % 2 == 0 ? _aheadEven : _aheadOdd;
        var length = panel % 2 == 0 ? _evenLength : _oddLength;
        o.Ahead = next + length * (panel / 2) / shares;
        o.AheadEnd = next + length * (panel / 2 + 1) / shares;
    }
}
