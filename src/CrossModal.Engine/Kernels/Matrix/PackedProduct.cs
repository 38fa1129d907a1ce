namespace CrossModal.Engine.Kernels;

/// <summary>C = activation(A B + bias) + residual for a constant, packed B.</summary>
/// <remarks>Every element is summed over k in an order that depends on K and the depth alone, so any number of threads gives the same
/// bits.</remarks>
internal static unsafe partial class PackedProduct
{
    /// <summary>The checked form of the other overload; an empty bias or residual is none.</summary>
    /// <exception cref="ArgumentException">A size or stride is negative, or a span is too short for its sizes and strides.</exception>
    public static void Run(
        ReadOnlySpan<float> a, int aRow, int m, PackedMatrix b, Span<float> c, int cRow, ReadOnlySpan<float> bias,
        EpilogueActivation activation, ReadOnlySpan<float> residual, int residualRow, Workers workers, int depth = MatrixSweep.BlockDepth)
    {
        if (m < 0) throw new ArgumentException($"PackedProduct: a size is negative: m {m}");
        if ((aRow | cRow | residualRow) < 0)
            throw new ArgumentException($"PackedProduct: a stride is negative: a {aRow}, c {cRow}, residual {residualRow}");
        if (m > 1 && cRow < b.N) throw new ArgumentException($"PackedProduct: rows of c overlap: row stride {cRow} is less than n {b.N}");
        CheckLength("a", a.Length, m, aRow, b.K);
        CheckLength("c", c.Length, m, cRow, b.N);
        if (!residual.IsEmpty) CheckLength("residual", residual.Length, m, residualRow, b.N);
        if (!bias.IsEmpty && bias.Length < b.N) throw new ArgumentException($"PackedProduct: bias has {bias.Length} elements, n is {b.N}");
        fixed (float* pa = a, pc = c, pbias = bias, presidual = residual)
        {
            var epilogue = new Epilogue { Bias = pbias, Activation = activation, Residual = presidual, ResidualRow = residualRow };
            Run(m, pa, aRow, b, pc, cRow, epilogue, workers, depth);
        }
    }

    /// <summary>
    /// C[m, N] = activation(A[m, K] B + bias) + residual; A, C and the residual have adjacent columns and the given distance between
    /// rows. C may be the residual, but not A. At most <paramref name="depth"/> products are summed in one accumulator.
    /// </summary>
    public static void Run(
        int m, float* a, nint aRow, PackedMatrix b, float* c, nint cRow, in Epilogue epilogue, Workers workers,
            int depth = MatrixSweep.BlockDepth)
    {
        if (m <= 0 || b.N == 0) return;
        var job = new Job
        {
            M = m,
            N = b.N,
            K = b.K,
            A = a,
            ARow = aRow,
            B = b.Panel(0),
            C = c,
            CRow = cRow,
            Depth = depth,
            Epilogue = epilogue
        };
        job.Split(ThreadWork.Parts(2.0 * m * b.N * b.K, workers.Threads));
        workers.Run(job.RowParts * job.PanelParts, ref job);
        GC.KeepAlive(b);
    }

    private static void CheckLength(string name, int length, int rows, int row, int columns)
    {
        if (rows > 0 && columns > 0 && (long)(rows - 1) * row + columns > length)
            throw new ArgumentException(
                $"PackedProduct: {name} has {length} elements, too few for [{rows}, {columns}] with row stride {row}");
    }
}
