namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens attended to.

/// <summary>The pinned operands of <see cref="AbsorbedAttention"/>; null where an optional one is absent.</summary>
internal unsafe struct AbsorbedOperands
{
    /// <summary>B, Nl, Nk, H, D, dk, dv.</summary>
    public int Batch, Queries, Keys, Heads, HeadDim, KeyWidth, ValueWidth;

    /// <summary>The tokens that give the keys, [B, Nk, dk], with strides of a row and of a batch element; a batch stride of 0 shares
    /// them.</summary>
    public float* X;
    public nint XRow, XBatch;

    /// <summary>The tokens that give the values, [B, Nk, dv], often the memory of <see cref="X"/>; used where <see cref="Values"/> is
    /// set.</summary>
    public float* Y;
    public nint YRow, YBatch;

    /// <summary>The queries as <see cref="AbsorbedKeys.Project"/> writes them.</summary>
    public float* Panels;

    /// <summary>The value projection to apply at the end, or null where <see cref="V"/> was projected before.</summary>
    public AbsorbedValues? Values;

    /// <summary>Projected values [B, Nk, H D]; used where <see cref="Values"/> is null.</summary>
    public float* V;
    public nint VRow, VBatch;

    /// <summary>
    /// X in strips as <see cref="AbsorbedAttention.PackTokens"/> writes them, so that layers that attend to the same tokens share the
    /// copy; null where the kernel is to copy. X is then not read, but its batch stride of 0 still counts.
    /// </summary>
    public float* PackedX;

    /// <summary>Likewise Y (not needed where Y is X), or V, whose heads must then be a multiple of 16 wide.</summary>
    public float* PackedY;

    /// <summary>Added to the scores, -infinity where nothing may be attended, or null.</summary>
    public float* Mask;
    public MaskShape MaskShape;

    /// <summary>Output [B, Nl, H D].</summary>
    public float* Output;

    /// <summary>The attention weights [B, H, Nl, Nk], or null where nobody asks.</summary>
    public float* Weights;

    /// <summary>Whether products and softmax are those for vectors of 512 bits; it changes no bit.</summary>
    public bool IsWide;

    /// <summary>Panels of 16 columns h Nl + i of one batch element.</summary>
    public readonly int PanelCount => (int)(((long)Queries * Heads + MatrixTile.Columns - 1) / MatrixTile.Columns);

    /// <summary>Where the absorbed queries [dk, 16] of a panel begin.</summary>
    public readonly float* PanelAt(int batch, int panel) => Panels + ((nint)batch * PanelCount + panel) * KeyWidth * MatrixTile.Columns;

    /// <summary>Columns of a panel that are in use.</summary>
    public readonly int ColumnsOf(int panel) => Math.Min(MatrixTile.Columns, Queries * Heads - panel * MatrixTile.Columns);

    /// <summary>Whether keys and values come from the same tokens, so that one copy serves both.</summary>
    public readonly bool IsOneTokens
        => Values is not null && PackedY == null && X == Y && XRow == YRow && XBatch == YBatch && KeyWidth == ValueWidth;

    /// <summary>How many of the batch elements have tokens of their own.</summary>
    public readonly int Distinct(nint batchStride) => batchStride == 0 ? Math.Min(1, Batch) : Batch;

    /// <summary>Where the mask of column <paramref name="column"/> begins.</summary>
    public readonly float* MaskAt(int batch, int column)
    {
        nint b = MaskShape.Batch == 1 ? 0 : batch;
        nint h = MaskShape.Heads == 1 ? 0 : column / Queries;
        nint i = MaskShape.Queries == 1 ? 0 : column % Queries;
        return Mask + ((b * MaskShape.Heads + h) * MaskShape.Queries + i) * Keys;
    }

    /// <summary>Refuses operands that contradict each other.</summary>
    /// <exception cref="ArgumentException">Names the operand.</exception>
    public readonly void Check()
    {
        if ((Batch | Queries | Keys | Heads | HeadDim | KeyWidth | ValueWidth) < 0)
            throw new ArgumentException("AbsorbedAttention: a size is negative");
        if (Values is { } values && (values.Heads != Heads || values.HeadDim != HeadDim || values.ValueWidth != ValueWidth))
        {
            throw new ArgumentException(
                $"AbsorbedAttention: values of [{values.Heads} x {values.HeadDim}, {values.ValueWidth}] do not fit [{Heads} x {HeadDim}, {ValueWidth}]");
        }

        if (Values is null && PackedY != null && HeadDim % MatrixTile.Columns != 0)
            throw new ArgumentException($"AbsorbedAttention: packed values need a head width that is a multiple of 16, not {HeadDim}");
        if (Mask == null) return;
        var m = MaskShape;
        if ((m.Batch != 1 && m.Batch != Batch) || (m.Heads != 1 && m.Heads != Heads) || (m.Queries != 1 && m.Queries != Queries)
            || m.Keys != Keys)
        {
            throw new ArgumentException(
                $"AbsorbedAttention: mask [{m.Batch}, {m.Heads}, {m.Queries}, {m.Keys}] does not spread over [{Batch}, {Heads}, {Queries}, {Keys}]");
        }
    }
}
