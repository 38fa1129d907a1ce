namespace CrossModal.Engine.Kernels;

internal static unsafe partial class PackedProduct
{
    /// <summary>C cut into a grid of blocks, one block a part.</summary>
    private struct Job : IWorkBody
    {
        public int M, N, K, Depth, RowParts, PanelParts;
        public float* A, B, C;
        public nint ARow, CRow;
        public Epilogue Epilogue;

        private readonly int Panels => (N + MatrixTile.Columns - 1) / MatrixTile.Columns;

        /// <summary>Few rows are split by panels, so that each thread streams its own part of B once; many rows by rows.</summary>
        public void Split(int parts)
        {
            RowParts = PanelParts = 1;
            if (parts == 1) return;
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
            if (start == end || panel == lastPanel) return;
            var column = panel * MatrixTile.Columns;
            var epilogue = Epilogue;
            if (epilogue.Bias != null) epilogue.Bias += column;
            if (epilogue.Residual != null) epilogue.Residual += start * epilogue.ResidualRow + column;
            if (MatrixTile.IsWideFaster && end - start <= ThinProduct.Rows)
            {
                var columns = Math.Min(N, lastPanel * MatrixTile.Columns) - column;
                ThinProduct.Run(end - start, columns, K, Depth, A + start * ARow, ARow, B + (nint)column * K, C + start * CRow + column,
                    CRow,
                    epilogue);
                return;
            }

            var sweep = new MatrixSweep
            {
                M = end - start,
                N = Math.Min(N, lastPanel * MatrixTile.Columns) - column,
                K = K,
                Depth = Depth,
                A = A + start * ARow,
                AEnd = A,
                ARow = ARow,
                ACol = 1,
                B = B + (nint)column * K,
                BRow = MatrixTile.Columns,
                BPanel = (nint)K * MatrixTile.Columns,
                C = C + start * CRow + column,
                CRow = CRow,
                Epilogue = epilogue,
                IsWide = MatrixTile.IsWideFaster,
                IsFilledUp = true,
            };
            sweep.Run();
        }
    }
}
