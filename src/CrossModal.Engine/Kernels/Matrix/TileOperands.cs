namespace CrossModal.Engine.Kernels;

/// <summary>One panel of C, up to 16 columns wide or exactly 32: C = A B + bias + addend.</summary>
internal unsafe struct TileOperands
{
    /// <summary>Length of each sum.</summary>
    public nint K;

    /// <summary>The operands; B and C have adjacent columns.</summary>
    public float* A, B, C;

    /// <summary>Distances in elements; <see cref="BPanel"/> leads to the second panel of B where C is 32 columns wide.</summary>
    public nint ARow, ACol, BRow, BPanel, CRow;

    /// <summary>
    /// Distance from a tile of A to the next, for each row of the tile: the row distance where A is read in place, K where it is
    /// packed tile after tile.
    /// </summary>
    public nint ATileRow;

    /// <summary>Columns of C, 1 to 16, or 32.</summary>
    public int Columns;

    /// <summary>[columns], or null when there is none.</summary>
    public float* Bias;

    /// <summary>[rows, columns], added to the product, or null when there is none; may be C itself.</summary>
    public float* Addend;

    /// <summary>Distance between rows of the addend.</summary>
    public nint AddendRow;

    /// <summary>Memory that is needed next, fetched into L2 meanwhile, two lines for every four steps of k; null when there is none.</summary>
    public float* Ahead, AheadEnd;

    /// <summary>Whether the lines of C are asked for before the sums that go there are complete: worth it where sums are short.</summary>
    public bool FetchesResult;
}
