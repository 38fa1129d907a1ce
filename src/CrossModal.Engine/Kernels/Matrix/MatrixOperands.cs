namespace CrossModal.Engine.Kernels;

/// <summary>The sizes, pinned addresses and strides of one product C[M, N] = A[M, K] B[K, N], already checked.</summary>
internal unsafe struct MatrixOperands
{
    /// <summary>Rows of C, columns of C, and the length of each sum.</summary>
    public int M, N, K;

    /// <summary>The operands; <see cref="Bias"/> is null when there is none, <see cref="AEnd"/> ends the memory A lies in.</summary>
    public float* A, B, C, Bias, AEnd;

    /// <summary>The operands of the product that follows in a batch, when they are small and adjacent; otherwise null.</summary>
    public float* NextA, NextB;

    /// <summary>The longest stretch of k copied at once, chosen from the whole product's sizes so that no split changes it.</summary>
    public int Depth;

    /// <summary>Distances in elements.</summary>
    public nint ARow, ACol, BRow, BCol, CRow;

    /// <summary>Whether C is added to rather than overwritten.</summary>
    public bool Accumulate;

    /// <summary>Multiplications and additions.</summary>
    public readonly long Flops => (long)Math.Min(2.0 * M * N * K, 1L << 60);

    /// <summary>The product for some rows and columns of C.</summary>
    public readonly MatrixOperands Block(int row, int rows, int column, int columns)
    {
        var block = this;
        block.A += row * ARow;
        block.B += column * BCol;
        block.C += row * CRow + column;
        if (Bias != null) block.Bias += column;
        block.M = rows;
        block.N = columns;
        return block;
    }
}
