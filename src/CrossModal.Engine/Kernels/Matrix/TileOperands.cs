namespace CrossModal.Engine.Kernels;

/// <summary>A panel of C, up to 16 columns wide, or two of them in a wide tile: C = A B + bias + addend * factor.</summary>
internal unsafe struct TileOperands
{
    /// <summary>Length of each sum.</summary>
    public nint K;

    /// <summary>The operands; B and C have adjacent columns.</summary>
    public float* A, B, C;

    /// <summary>
    /// Distances in elements; <see cref="BPanel"/> leads to the second panel of B where C is more than 16 columns wide, <see
    /// cref="CPanel"/> to columns 16 and up of C and of the addend: 16 where they are adjacent.
    /// </summary>
    public nint ARow, ACol, BRow, BPanel, CRow, CPanel;

    /// <summary>Where a row of A is not one run of numbers, the distance from one run to the next; else 0. For wide tiles only.</summary>
    public nint ALine;

    /// <summary>Numbers of a run, and those left of the first: steps of k after which a row of A goes on in the next run.</summary>
    public nint LineLength, FirstLength;

    /// <summary>
    /// Distance from a tile of A to the next, for each row of the tile: the row distance where A is read in place, K where it is
    /// packed tile after tile.
    /// </summary>
    public nint ATileRow;

    /// <summary>Columns of C, 1 to 16, or to 32 in a wide tile.</summary>
    public int Columns;

    /// <summary>[columns], or null when there is none.</summary>
    public float* Bias;

    /// <summary>[rows, columns], added to the product, or null when there is none; may be C itself.</summary>
    public float* Addend;

    /// <summary>Distance between rows of the addend.</summary>
    public nint AddendRow;

    /// <summary>[columns up to a multiple of 16], what the addend is multiplied by in a wide tile; null for 1.</summary>
    public float* Factor;

    /// <summary>Memory that is needed next, fetched into L2 meanwhile, two lines for every four steps of k; null when there is
    /// none.</summary>
    public float* Ahead, AheadEnd;

    /// <summary>Whether the lines of C are asked for before the sums that go there are complete: worth it where sums are short.</summary>
    public bool FetchesResult;

    /// <summary>Moves on by rows of A, C and the addend.</summary>
    public void Skip(int rows)
    {
        A += rows * ATileRow;
        C += rows * CRow;
        if (Addend != null) Addend += rows * AddendRow;
    }
}
