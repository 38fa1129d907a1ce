namespace CrossModal.Engine.Kernels;

internal static unsafe partial class PackedProduct
{
    // Rows that share a panel while it is in L1.
    private const int BlockRows = 48;

    /// <summary>C cut into a grid of blocks, one block a part.</summary>
    private struct Job : IWorkBody
    {
        public int M, N, K, RowParts, PanelParts;
        public float* A, B, C;
        public nint ARow, CRow;
        public Epilogue Epilogue;

        private readonly int Panels => (N + MatrixTile.Columns - 1) / MatrixTile.Columns;

        /// <summary>Few rows are split by panels, so that each thread streams its own part of B once; many rows by rows.</summary>
        public void Split(int parts)
        {
            var rowUnits = (M + MatrixTile.Rows - 1) / MatrixTile.Rows;
            var best = double.MaxValue;
            for (var rowParts = 1; rowParts <= Math.Min(parts, rowUnits); rowParts++)
            {
                var panelParts = Math.Min(parts / rowParts, Panels);
                double rows = (M + rowParts - 1) / rowParts;
                double columns = (Panels + panelParts - 1) / panelParts * MatrixTile.Columns;
                // Time of the largest block: products, and reading its own rows of A and columns of B.
                var cost = rows * columns + 8 * rows + 16 * columns;
                if (cost >= best) continue;
                best = cost;
                RowParts = rowParts;
                PanelParts = panelParts;
            }
        }

        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(M, part / PanelParts, RowParts);
            var (panel, lastPanel) = RowSplit.Range(Panels, part % PanelParts, PanelParts);
            var tile = stackalloc float[BlockRows * MatrixTile.Columns];
            var direct = Epilogue.Activation == EpilogueActivation.None && Epilogue.Residual == null;
            for (var i = start; i < end; i += BlockRows)
            {
                var rows = Math.Min(BlockRows, end - i);
                for (var j = panel; j < lastPanel; j++)
                {
                    var column = j * MatrixTile.Columns;
                    var columns = Math.Min(MatrixTile.Columns, N - column);
                    var bias = Epilogue.Bias == null ? null : Epilogue.Bias + column;
                    var c = C + i * CRow + column;
                    var b = B + (nint)column * K;
                    if (direct)
                    {
                        MatrixTile.Panel(rows, K, A + i * ARow, ARow, 1, b, MatrixTile.Columns, c, CRow, columns, bias, false);
                        continue;
                    }

                    MatrixTile.Panel(rows, K, A + i * ARow, ARow, 1, b, MatrixTile.Columns, tile, MatrixTile.Columns, columns, bias, false);
                    var residual = Epilogue.Residual == null ? null : Epilogue.Residual + i * Epilogue.ResidualRow + column;
                    EpilogueTile.Write(Epilogue.Activation, rows, columns, tile, c, CRow, residual, Epilogue.ResidualRow);
                }
            }
        }
    }
}
