namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, H heads, D width of a head, dk width of the tokens attended to.
internal sealed unsafe partial class AbsorbedKeys
{
    /// <summary>
    /// Absorbed queries of narrow heads, panel by panel. The 16 columns of a panel belong to several heads: the queries stand in a matrix
    /// [heads D, 16] that is 0 outside each column's own head, so that one product makes the whole panel, and the zeros cost less than
    /// a product for each head that would leave most of its columns unused.
    /// </summary>
    private struct NarrowJob : IWorkBody
    {
        public float* Weight, Q, Panels;
        public nint QRow;
        public float Scale;
        public bool IsWide;
        public int Batch, Queries, Heads, HeadDim, KeyWidth, Parts;

        private readonly int PanelCount => (Queries * Heads + Columns - 1) / Columns;

        /// <summary>How many parts the job is worth.</summary>
        public void Split(Workers workers)
        {
            var flops = 2.0 * Batch * PanelCount * Columns * Math.Min(Heads, Columns / Queries + 2) * HeadDim * KeyWidth;
            Parts = ThreadWork.Parts(flops, Math.Min((long)Batch * PanelCount, workers.Threads));
        }

        public readonly void Execute(int part)
        {
            var queries = PackingBuffer.Rent(PackingBuffer.Tiles, (long)Heads * HeadDim * Columns);
            var (item, end) = RowSplit.Range(Batch * PanelCount, part, Parts);
            for (; item < end; item++)
            {
                var (b, panel) = Math.DivRem(item, PanelCount);
                var (column, last) = (panel * Columns, Math.Min((panel + 1) * Columns, Queries * Heads) - 1);
                var (head, endHead) = (column / Queries, last / Queries + 1);
                var depth = (endHead - head) * HeadDim;
                Spread(b, column, last, head, queries, depth);
                var o = new TileOperands
                {
                    K = depth,
                    A = Weight + (nint)head * HeadDim * KeyWidth,
                    ARow = 1,
                    ACol = KeyWidth,
                    ATileRow = 1,
                    B = queries,
                    BRow = Columns,
                    C = Panels + (nint)item * KeyWidth * Columns,
                    CRow = Columns,
                    CPanel = Columns,
                    Columns = Columns,
                };
                if (IsWide) MatrixTile.Wide(KeyWidth, o);
                else MatrixTile.Panel(KeyWidth, o);
            }
        }

        /// <summary>The queries of a panel, each in the rows of its head.</summary>
        private readonly void Spread(int b, int column, int last, int firstHead, float* to, int depth)
        {
            new Span<float>(to, depth * Columns).Clear();
            for (var c = column; c <= last; c++)
            {
                var (head, i) = Math.DivRem(c, Queries);
                var from = Q + ((nint)b * Queries + i) * QRow + (nint)head * HeadDim;
                var place = to + (nint)(head - firstHead) * HeadDim * Columns + (c - column);
                for (var d = 0; d < HeadDim; d++) place[d * Columns] = from[d] * Scale;
            }
        }
    }
}
