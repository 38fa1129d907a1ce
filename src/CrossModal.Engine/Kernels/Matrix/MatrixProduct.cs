namespace CrossModal.Engine.Kernels;

/// <summary>
/// C = A B (+ C) (+ bias) in float32 for operands with any strides, so that a transposed operand needs no copy.
/// Every element of C is summed over k in an order that depends only on the sizes and strides, never on the threads.
/// </summary>
internal static unsafe partial class MatrixProduct
{
    // About 3 microseconds of one thread: below this a second thread costs more to call than it saves.
    private const long FlopsWorthAThread = 1 << 18;

    // 64 KB of each operand: more would push out what the product at hand still needs.
    private const long FloatsFetchedAhead = 1 << 14;

    /// <summary>
    /// C[i,j] = (accumulate ? C[i,j] : 0) + sum over p of a[i * aRow + p * aCol] * b[p * bRow + j * bCol] + (bias is empty ? 0 : bias[j]),
    /// for C of shape [m, n] with row stride <paramref name="cRow"/> and adjacent columns.
    /// </summary>
    /// <exception cref="ArgumentException">A size or stride is negative, or a span is too short for its sizes and strides.</exception>
    public static void Run(
        int m, int n, int k, ReadOnlySpan<float> a, int aRow, int aCol, ReadOnlySpan<float> b, int bRow, int bCol,
        Span<float> c, int cRow, ReadOnlySpan<float> bias, bool accumulate, Workers workers)
    {
        Check(1, m, n, k, a.Length, 0, aRow, aCol, b.Length, 0, bRow, bCol, c.Length, 0, cRow, bias.Length);
        if (m == 0 || n == 0) return;
        fixed (float* pa = a, pb = b, pc = c, pbias = bias)
        {
            var operands = new MatrixOperands
            {
                M = m,
                N = n,
                K = k,
                A = pa,
                ARow = aRow,
                ACol = aCol,
                AEnd = pa + a.Length,
                B = pb,
                BRow = bRow,
                BCol = bCol,
                C = pc,
                CRow = cRow,
                Bias = pbias,
                Accumulate = accumulate,
                Depth = Depth(m, n),
            };
            RunOne(operands, workers);
        }
    }

    /// <summary>
    /// The product of <see cref="Run"/> without bias for each of <paramref name="batch"/> matrices, <c>aBatch</c>, <c>bBatch</c>
    /// and <c>cBatch</c> apart; a batch stride of 0 for A or B shares that operand.
    /// </summary>
    /// <exception cref="ArgumentException">A size or stride is negative, a span is too short, or results overlap (cBatch is 0).</exception>
    public static void Batched(
        int batch, int m, int n, int k, ReadOnlySpan<float> a, int aBatch, int aRow, int aCol,
        ReadOnlySpan<float> b, int bBatch, int bRow, int bCol, Span<float> c, int cBatch, int cRow, bool accumulate, Workers workers)
    {
        Check(batch, m, n, k, a.Length, aBatch, aRow, aCol, b.Length, bBatch, bRow, bCol, c.Length, cBatch, cRow, 0);
        if (batch == 0 || m == 0 || n == 0) return;
        fixed (float* pa = a, pb = b, pc = c)
        {
            var operands = new MatrixOperands
            {
                M = m,
                N = n,
                K = k,
                A = pa,
                ARow = aRow,
                ACol = aCol,
                AEnd = pa + a.Length,
                B = pb,
                BRow = bRow,
                BCol = bCol,
                C = pc,
                CRow = cRow,
                Accumulate = accumulate,
                Depth = Depth(m, n),
            };
            if (bBatch == 0 && aBatch == (long)m * aRow && cBatch == (long)m * cRow && (long)batch * m <= int.MaxValue)
            {
                // One B for all, rows evenly spaced throughout: a single taller product packs B once.
                operands.M = batch * m;
                RunOne(operands, workers);
                return;
            }

            var job = new BatchJob { Operands = operands, ABatch = aBatch, BBatch = bBatch, CBatch = cBatch, Batch = batch };
            if (batch < workers.Threads && workers.Threads > 1)
            {
                for (var i = 0; i < batch; i++) RunOne(job.At(i), workers);
                return;
            }

            job.Parts = (int)Math.Clamp(operands.Flops * batch / FlopsWorthAThread, 1, Math.Min(batch, 2L * workers.Threads));
            if (workers.Threads == 1) job.Parts = 1;
            workers.Run(job.Parts, ref job);
        }
    }

    private static void RunOne(in MatrixOperands operands, Workers workers)
    {
        if (operands.K == 0)
        {
            AddBias(operands);
            return;
        }

        var path = Choose(operands);
        var stretches = path == Path.Tiles ? Stretches(operands) : 1;
        if (stretches > 1)
        {
            RunStretches(operands, stretches, workers);
            return;
        }

        var parts = Math.Min(workers.Threads, operands.Flops / FlopsWorthAThread);
        if (parts <= 1)
        {
            RunBlock(path, operands);
            return;
        }

        var job = new GridJob { Operands = operands, Path = path };
        job.Split((int)parts);
        workers.Run(job.RowParts * job.ColumnParts, ref job);
    }

    private static void AddBias(in MatrixOperands operands)
    {
        for (nint i = 0; i < operands.M; i++)
        {
            for (nint j = 0; j < operands.N; j++)
            {
                ref var value = ref operands.C[i * operands.CRow + j];
                value = (operands.Accumulate ? value : 0) + (operands.Bias == null ? 0 : operands.Bias[j]);
            }
        }
    }

    private static void Check(
        int batch, int m, int n, int k, int aLength, int aBatch, int aRow, int aCol,
        int bLength, int bBatch, int bRow, int bCol, int cLength, int cBatch, int cRow, int biasLength)
    {
        if ((batch | m | n | k) < 0) throw new ArgumentException($"MatrixProduct: a size is negative: batch {batch}, m {m}, n {n}, k {k}");
        if ((aBatch | aRow | aCol | bBatch | bRow | bCol | cBatch | cRow) < 0)
            throw new ArgumentException(
                $"MatrixProduct: a stride is negative: a {aBatch},{aRow},{aCol}; b {bBatch},{bRow},{bCol}; c {cBatch},{cRow}");
        if (batch == 0 || m == 0 || n == 0) return;
        if (m > 1 && cRow < n) throw new ArgumentException($"MatrixProduct: rows of c overlap: row stride {cRow} is less than n {n}");
        if (batch > 1 && cBatch == 0) throw new ArgumentException("MatrixProduct: results overlap: the batch stride of c is 0");
        CheckLength("c", cLength, batch, cBatch, m, cRow, n, 1);
        if (biasLength != 0 && biasLength < n) throw new ArgumentException($"MatrixProduct: bias has {biasLength} elements, n is {n}");
        if (k == 0) return;
        CheckLength("a", aLength, batch, aBatch, m, aRow, k, aCol);
        CheckLength("b", bLength, batch, bBatch, k, bRow, n, bCol);
    }

    private static void CheckLength(string name, int length, int batch, int batchStride, int rows, int rowStride, int columns,
        int columnStride)
    {
        // Each product is below 2^62, so the first two cannot overflow together; the third is added as unsigned.
        var last = (ulong)((long)(rows - 1) * rowStride) + (ulong)((long)(columns - 1) * columnStride)
            + (ulong)((long)(batch - 1) * batchStride);
        if (last >= (ulong)length)
        {
            throw new ArgumentException(
                $"MatrixProduct: {name} has {length} elements, too few for {batch} x [{rows}, {columns}] with strides {batchStride}, {rowStride}, {columnStride}");
        }
    }

    private struct BatchJob : IWorkBody
    {
        public MatrixOperands Operands;
        public nint ABatch, BBatch, CBatch;
        public int Batch, Parts;

        public readonly MatrixOperands At(int i)
        {
            var one = Operands;
            one.A += i * ABatch;
            one.B += i * BBatch;
            one.C += i * CBatch;
            return one;
        }

        public readonly void Execute(int part)
        {
            var path = Choose(Operands);
            var stretches = path == Path.Tiles ? Stretches(Operands) : 1;
            var end = (int)((long)Batch * (part + 1) / Parts);
            for (var i = (int)((long)Batch * part / Parts); i < end; i++)
            {
                var one = At(i);
                if (i + 1 < end && (long)one.K * Math.Max(one.M, one.N) <= FloatsFetchedAhead)
                {
                    one.NextA = one.A + ABatch;
                    one.NextB = one.B + BBatch;
                }

                if (one.K == 0) AddBias(one);
                else if (stretches > 1) RunStretches(one, stretches, Workers.Single);
                else RunBlock(path, one);
            }
        }
    }

    /// <summary>C cut into a grid of blocks, one block a part.</summary>
    private struct GridJob : IWorkBody
    {
        public MatrixOperands Operands;
        public Path Path;
        public int RowParts, ColumnParts;
        private int _rowUnit;

        public void Split(int parts)
        {
            _rowUnit = Path == Path.Dots ? MatrixDots.Rows : MatrixTile.Rows;
            if (Path == Path.Transposed) _rowUnit = MatrixTile.Columns;
            var rowUnits = (Operands.M + _rowUnit - 1) / _rowUnit;
            var columnUnits = (Operands.N + MatrixTile.Columns - 1) / MatrixTile.Columns;
            var best = double.MaxValue;
            for (var rowParts = 1; rowParts <= parts; rowParts++)
            {
                var columnParts = Math.Min(parts / rowParts, columnUnits);
                if (rowParts > rowUnits) break;
                double rows = (rowUnits + rowParts - 1) / rowParts * _rowUnit;
                double columns = (columnUnits + columnParts - 1) / columnParts * MatrixTile.Columns;
                // Time of the largest block: products, and the packing of its own rows of A and columns of B.
                var cost = rows * columns + 8 * rows + 16 * columns;
                if (cost >= best) continue;
                best = cost;
                RowParts = rowParts;
                ColumnParts = columnParts;
            }
        }

        public readonly void Execute(int part)
        {
            var (rowStart, rowEnd) = Range(Operands.M, _rowUnit, part / ColumnParts, RowParts);
            var (columnStart, columnEnd) = Range(Operands.N, MatrixTile.Columns, part % ColumnParts, ColumnParts);
            if (rowStart < rowEnd && columnStart < columnEnd)
                RunBlock(Path, Operands.Block(rowStart, rowEnd - rowStart, columnStart, columnEnd - columnStart));
        }

        private static (int Start, int End) Range(int length, int unit, int part, int parts)
        {
            long units = ((long)length + unit - 1) / unit;
            return ((int)Math.Min(length, units * part / parts * unit), (int)Math.Min(length, units * (part + 1) / parts * unit));
        }
    }
}
