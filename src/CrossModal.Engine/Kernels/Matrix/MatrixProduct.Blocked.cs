namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixProduct
{
    // With the longest block of k, packed panels of 8 MB: they stay in L3.
    private const int PackedColumns = 2048;

    private const int SmallResult = 256;
    private const int SmallResultDepth = 256;

    // B is read in place where its rows are adjacent and it fits L1 beside A (16 KB), or too few rows of C share the cost of a copy.
    private const int FloatsReadInPlace = 4096;
    private const int RowsReadInPlace = 24;

    // Up to this many columns dot products beat tiles, which are 16 wide whatever the columns.
    private const int FewColumns = 6;

    private enum Path
    {
        /// <summary>Blocked tiles.</summary>
        Tiles,

        /// <summary>Dot products along k, for few columns or few rows with k adjacent in memory.</summary>
        Dots,

        /// <summary>Tiles of the transposed product, for few columns with the rows of A adjacent in memory.</summary>
        Transposed,
    }

    private static Path Choose(in MatrixOperands o)
    {
        if (o.K >= 32)
        {
            if (o.N <= FewColumns && o.ACol == 1) return Path.Dots;
            if (o.M <= 3 && o.BRow == 1) return Path.Dots;
        }

        return o.N <= FewColumns && o.ARow == 1 && o.M >= 16 ? Path.Transposed : Path.Tiles;
    }

    /// <summary>A long sum into a small result is copied in stretches that leave both copies in L2.</summary>
    private static int Depth(int m, int n) => Math.Max(m, n) <= SmallResult ? SmallResultDepth : MatrixSweep.BlockDepth;

    private static void RunBlock(Path path, in MatrixOperands operands)
    {
        switch (path)
        {
            case Path.Dots: RunDots(operands); break;
            case Path.Transposed: RunTransposed(operands); break;
            default: RunTiles(operands); break;
        }
    }

    private static void RunTiles(in MatrixOperands o)
    {
        var isInPlace = o.BCol == 1 && (o.M <= RowsReadInPlace || (long)o.K * o.N <= FloatsReadInPlace);
        var kBlocks = (o.K + o.Depth - 1) / o.Depth;
        var width = isInPlace ? o.N : Math.Min(PackedColumns, o.N);
        for (var column = 0; column < o.N; column += width)
        {
            for (var i = 0; i < kBlocks; i++)
            {
                var (start, end) = RowSplit.Range(o.K, i, kBlocks);
                var block = o.Block(0, o.M, column, Math.Min(width, o.N - column));
                block.A += start * o.ACol;
                block.B += start * o.BRow;
                block.K = end - start;
                if (i > 0)
                {
                    block.Accumulate = true;
                    block.Bias = null;
                }

                RunPanels(block, isInPlace);
            }
        }
    }

    private static void RunPanels(in MatrixOperands o, bool isInPlace)
    {
        var sweep = new MatrixSweep
        {
            M = o.M,
            N = o.N,
            K = o.K,
            Depth = MatrixSweep.BlockDepth,
            A = o.A,
            AEnd = o.AEnd,
            ARow = o.ARow,
            ACol = o.ACol,
            B = o.B,
            BRow = o.BRow,
            BPanel = MatrixTile.Columns,
            C = o.C,
            CRow = o.CRow,
            Epilogue = new Epilogue { Bias = o.Bias, Residual = o.Accumulate ? o.C : null, ResidualRow = o.CRow },
            NextA = o.NextA,
            NextB = o.NextB,
            IsWide = MatrixTile.IsWideFaster,
            IsFilledUp = !isInPlace,
        };
        if (!isInPlace)
        {
            sweep.B = PackingBuffer.Rent(PackingBuffer.Right, (o.N + MatrixTile.Columns - 1L) * o.K);
            sweep.BRow = MatrixTile.Columns;
            sweep.BPanel = (nint)o.K * MatrixTile.Columns;
            MatrixPacking.PackPanels(o.K, o.N, o.B, o.BRow, o.BCol, sweep.B);
        }

        sweep.Run();
    }

    /// <summary>C transposed = B transposed times A transposed, in strips short enough for a small buffer.</summary>
    private static void RunTransposed(in MatrixOperands o)
    {
        const int strip = 512;
        var buffer = PackingBuffer.Rent(PackingBuffer.Tiles, FewColumns * strip);
        for (var row = 0; row < o.M; row += strip)
        {
            var rows = Math.Min(strip, o.M - row);
            var swapped = new MatrixOperands
            {
                M = o.N,
                N = rows,
                K = o.K,
                A = o.B,
                ARow = o.BCol,
                ACol = o.BRow,
                AEnd = o.B,
                B = o.A + row * o.ARow,
                BRow = o.ACol,
                BCol = o.ARow,
                C = buffer,
                CRow = strip,
                Depth = o.Depth,
            };
            RunTiles(swapped);
            for (var i = 0; i < rows; i++)
            {
                var c = o.C + (row + i) * o.CRow;
                for (var j = 0; j < o.N; j++)
                {
                    var value = buffer[j * strip + i] + (o.Bias == null ? 0 : o.Bias[j]);
                    c[j] = o.Accumulate ? c[j] + value : value;
                }
            }
        }
    }

    private static void RunDots(in MatrixOperands o)
    {
        if (o.N <= FewColumns && o.ACol == 1)
        {
            var b = o.B;
            var bCol = o.BCol;
            if (o.BRow != 1)
            {
                b = PackingBuffer.Rent(PackingBuffer.Right, (long)o.N * o.K);
                bCol = o.K;
                Gather(o.N, o.K, o.B, o.BCol, o.BRow, b);
            }

            MatrixDots.Run(o.M, o.N, o.K, o.A, o.ARow, b, bCol, o.C, o.CRow, 1, o.Bias, 0, 1, o.Accumulate);
            return;
        }

        // Few rows: the same with the roles exchanged.
        var a = o.A;
        var aRow = o.ARow;
        if (o.ACol != 1)
        {
            a = PackingBuffer.Rent(PackingBuffer.Right, (long)o.M * o.K);
            aRow = o.K;
            Gather(o.M, o.K, o.A, o.ARow, o.ACol, a);
        }

        MatrixDots.Run(o.N, o.M, o.K, o.B, o.BCol, a, aRow, o.C, 1, o.CRow, o.Bias, 1, 0, o.Accumulate);
    }

    private static void Gather(int lines, int k, float* from, nint line, nint step, float* to)
    {
        for (nint j = 0; j < lines; j++)
        {
            for (nint p = 0; p < k; p++) to[j * k + p] = from[j * line + p * step];
        }
    }
}
