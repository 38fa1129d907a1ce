namespace CrossModal.Engine.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head (Dv of a value head).

/// <summary>The checked, pinned operands of one attention; null where an optional one is absent.</summary>
internal unsafe struct AttentionOperands
{
    public AttentionShape Shape;
    public MaskShape MaskShape;
    public float Scale;

    /// <summary>The most products of a score that are summed in one accumulator.</summary>
    public int ScorePiece;
    public float* Q, K, V, Mask, Dropout, Output, Weights;
    public float* Kept;
    public float* GradientOutput, GradientQ, GradientK, GradientV, GradientMask;
    public nint QRow, KRow, VRow;

    /// <summary>Of a sparse attention: which keys the values belong to where they were gathered, and their rows in a batch
    /// element.</summary>
    public float* Ids;
    public int ValueRows;

    /// <summary>Row stride of the output and of its gradient, H Dv.</summary>
    public readonly nint OutputRow => (nint)Shape.Heads * Shape.ValueDim;

    /// <summary>Row stride of the gradients of q and k, H D.</summary>
    public readonly nint GradientRow => (nint)Shape.Heads * Shape.HeadDim;

    /// <summary>Where row <paramref name="query"/> of q begins for this head; the others likewise.</summary>
    public readonly float* QAt(int batch, int head, int query) =>
        Q + ((nint)batch * Shape.Queries + query) * QRow + (nint)head * Shape.HeadDim;

    public readonly float* KAt(int batch, int head, int key) => K + ((nint)batch * Shape.Keys + key) * KRow + (nint)head * Shape.HeadDim;

    public readonly float* VAt(int batch, int head, int key) => V + ((nint)batch * Shape.Keys + key) * VRow + (nint)head * Shape.ValueDim;

    /// <summary>Offset of a query's row in the output and its gradient.</summary>
    public readonly nint OutputAt(int batch, int head, int query) =>
        ((nint)batch * Shape.Queries + query) * OutputRow + (nint)head * Shape.ValueDim;

    /// <summary>Offset of a query's number in [B, H, Nq].</summary>
    public readonly nint RowAt(int batch, int head, int query) => ((nint)batch * Shape.Heads + head) * Shape.Queries + query;

    /// <summary>Where the exponentials of a tile of queries are kept, [Nk, 16]; <see cref="Kept"/> is not null.</summary>
    public readonly float* KeptAt(int batch, int head, int query)
    {
        nint tiles = (Shape.Queries + AttentionTile.Queries - 1) / AttentionTile.Queries;
        return Kept + (((nint)batch * Shape.Heads + head) * tiles + query / AttentionTile.Queries) * Shape.Keys * AttentionTile.Queries;
    }

    /// <summary>Offset in the mask; an axis of size 1 holds for all.</summary>
    public readonly nint MaskAt(int batch, int head, int query)
    {
        nint b = MaskShape.Batch == 1 ? 0 : batch;
        nint h = MaskShape.Heads == 1 ? 0 : head;
        nint q = MaskShape.Queries == 1 ? 0 : query;
        return ((b * MaskShape.Heads + h) * MaskShape.Queries + q) * Shape.Keys;
    }

    /// <summary>Refuses sizes, strides and lengths that do not fit together.</summary>
    /// <exception cref="ArgumentException">Names the operand.</exception>
    public static void Check(
        in AttentionShape s, int q, int qRow, int k, int kRow, int v, int vRow,
        int mask, in MaskShape m, int dropout, string outputName, int output, int weights)
    {
        if ((s.Batch | s.Queries | s.Keys | s.Heads | s.HeadDim | s.ValueDim) < 0)
            throw new ArgumentException($"Attention: a size is negative: {s}");
        CheckRows("q", q, (long)s.Batch * s.Queries, qRow, (long)s.Heads * s.HeadDim);
        CheckRows("k", k, (long)s.Batch * s.Keys, kRow, (long)s.Heads * s.HeadDim);
        CheckRows("v", v, (long)s.Batch * s.Keys, vRow, (long)s.Heads * s.ValueDim);
        var pairs = (long)s.Batch * s.Heads;
        CheckDense(outputName, output, (long)s.Batch * s.Queries, (long)s.Heads * s.ValueDim, false);
        CheckDense("weights", weights, pairs * s.Queries, s.Keys, true);
        CheckDense("dropout", dropout, pairs * s.Queries, s.Keys, true);
        if (mask == 0) return;
        if ((m.Batch != 1 && m.Batch != s.Batch) || (m.Heads != 1 && m.Heads != s.Heads) || (m.Queries != 1 && m.Queries != s.Queries)
            || m.Keys != s.Keys)
            throw new ArgumentException($"Attention: mask [{m.Batch}, {m.Heads}, {m.Queries}, {m.Keys}] does not spread over {s}");
        CheckDense("mask", mask, (long)m.Batch * m.Heads * m.Queries, m.Keys, false);
    }

    /// <summary>Refuses a span that is not [rows, columns].</summary>
    /// <exception cref="ArgumentException">Names the operand.</exception>
    public static void CheckDense(string name, int length, long rows, long columns, bool mayBeEmpty)
    {
        if (length == 0 && mayBeEmpty) return;
        if ((Int128)rows * columns != length)
            throw new ArgumentException($"Attention: {name} has {length} elements, not {rows} x {columns}");
    }

    /// <summary>Refuses kept exponentials that do not fit, or that a dropout has been multiplied into.</summary>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    public static void CheckKept(in AttentionShape s, int kept, int dropout)
    {
        CheckDense("kept", kept, (long)s.Batch * s.Heads, AttentionKernel.KeptSize(s.Queries, s.Keys), true);
        if (kept != 0 && dropout != 0) throw new ArgumentException("Attention: exponentials are kept before dropout: there may be none");
    }

    private static void CheckRows(string name, int length, long rows, int stride, long width)
    {
        if (rows == 0 || width == 0) return;
        if (stride < width && rows > 1)
            throw new ArgumentException($"Attention: rows of {name} overlap: stride {stride} is less than heads x width {width}");
        if ((Int128)(rows - 1) * stride + width > length)
            throw new ArgumentException(
                $"Attention: {name} has {length} elements, too few for {rows} rows of {width} with stride {stride}");
    }
}
