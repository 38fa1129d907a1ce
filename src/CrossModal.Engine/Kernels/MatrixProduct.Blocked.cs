namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixProduct
{
    // A panel of B (Kc x 16 floats = 24 KB) stays in L1, a block of A (Mc x Kc = 288 KB) in L2, Kc x Nc of B in L3.
    private const int Kc = 384;
    private const int Mc = 192;
    private const int Nc = 2048;

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
        var kBlocks = (o.K + Kc - 1) / Kc;
        var kSize = (o.K + kBlocks - 1) / kBlocks;
        for (var column = 0; column < o.N; column += Nc)
        {
            var columns = Math.Min(Nc, o.N - column);
            for (var p = 0; p < o.K; p += kSize)
            {
                var depth = Math.Min(kSize, o.K - p);
                var block = o.Block(0, o.M, column, columns);
                block.A += p * o.ACol;
                block.B += p * o.BRow;
                block.K = depth;
                if (p > 0)
                {
                    block.Accumulate = true;
                    block.Bias = null;
                }

                RunPanels(block);
            }
        }
    }

    /// <summary>All rows of one block of B.</summary>
    private static void RunPanels(in MatrixOperands o)
    {
        // B is read in place when its rows are adjacent and too few rows of C share the cost of copying it.
        float* packed = null;
        if (o.BCol != 1 || o.M > 4 * MatrixTile.Rows)
        {
            packed = PackingBuffer.Rent(PackingBuffer.Right, (o.N + MatrixTile.Columns - 1L) * o.K);
            MatrixPacking.PackPanels(o.K, o.N, o.B, o.BRow, o.BCol, packed);
        }

        // Tiles read adjacent k in place at full speed; a copy of A pays when its rows are adjacent (a transposed operand)
        // or very many panels share it.
        var packRows = o.ARow == 1 ? o.N >= 48 : o.N >= 768 && o.M > 32;
        var rowBlocks = (o.M + Mc - 1) / Mc;
        for (var i = 0; i < rowBlocks; i++)
        {
            var start = (int)((long)o.M * i / rowBlocks);
            var end = (int)((long)o.M * (i + 1) / rowBlocks);
            RunRows(o.Block(start, end - start, 0, o.N), packRows, packed);
        }
    }

    private static void RunRows(in MatrixOperands o, bool packRows, float* packed)
    {
        float* rows = null;
        if (packRows)
        {
            rows = PackingBuffer.Rent(PackingBuffer.Left, (long)o.M * o.K + 8);
            for (var i = 0; i < o.M; i += MatrixTile.Rows)
                MatrixPacking.PackRows(Math.Min(MatrixTile.Rows, o.M - i), o.K, o.A + i * o.ARow, o.ARow, o.ACol, o.AEnd, rows + (nint)i * o.K);
        }

        for (var column = 0; column < o.N; column += MatrixTile.Columns)
        {
            var columns = Math.Min(MatrixTile.Columns, o.N - column);
            var b = packed == null ? o.B + column : packed + (nint)column * o.K;
            var bRow = packed == null ? o.BRow : MatrixTile.Columns;
            var bias = o.Bias == null ? null : o.Bias + column;
            var c = o.C + column;
            if (rows == null)
            {
                MatrixTile.Panel(o.M, o.K, o.A, o.ARow, o.ACol, b, bRow, c, o.CRow, columns, bias, o.Accumulate);
                continue;
            }

            for (var i = 0; i < o.M; i += MatrixTile.Rows)
            {
                var count = Math.Min(MatrixTile.Rows, o.M - i);
                MatrixTile.Panel(count, o.K, rows + (nint)i * o.K, 1, count, b, bRow, c + i * o.CRow, o.CRow, columns, bias, o.Accumulate);
            }
        }
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
                M = o.N, N = rows, K = o.K, A = o.B, ARow = o.BCol, ACol = o.BRow, AEnd = o.B,
                B = o.A + row * o.ARow, BRow = o.ACol, BCol = o.ARow, C = buffer, CRow = strip,
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
