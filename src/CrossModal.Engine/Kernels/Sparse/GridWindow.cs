namespace CrossModal.Engine.Kernels;

/// <summary>Where keys lie: some words first, then the patches of one view or more, each a grid counted row by row.</summary>
/// <param name="Words">Keys before the patches.</param>
/// <param name="Rows">Rows of a view.</param>
/// <param name="Columns">Columns of a view.</param>
internal readonly record struct KeyGrid(int Words, int Rows, int Columns)
{
    /// <summary>Patches of a view.</summary>
    public int Cells => Rows * Columns;

    /// <summary>Pairs of a patch and another at most <paramref name="radius"/> rows and columns away, in one view.</summary>
    public double Neighbours(int radius) => Near(Rows, radius) * Near(Columns, radius);

    private static double Near(int length, int radius)
    {
        double pairs = 0;
        for (var i = 0; i < length; i++) pairs += Math.Min(length - 1, i + radius) - Math.Max(0, i - radius) + 1;
        return pairs;
    }
}

/// <summary>
/// Patches at most a radius of rows and columns away, in the same view, and all words. A query that is itself one of the keys attends
/// around its own place, a word to everything; any other attends around the patch that scores highest for it (of its head), the first of
/// equals.
/// </summary>
/// <param name="grid">Where the keys lie.</param>
/// <param name="radius">Rows and columns to each side.</param>
/// <param name="own">Whether query i is key i.</param>
internal readonly unsafe struct GridWindow(KeyGrid grid, int radius, bool own) : IKeyChoice
{
    /// <inheritdoc/>
    public static bool ValuesGathered => false;

    /// <inheritdoc/>
    public void Begin(in AttentionOperands o)
    {
    }

    /// <inheritdoc/>
    public long Scratch(in AttentionShape shape) => own ? 0 : ScoreRows.Scratch(shape.HeadDim, shape.Keys);

    /// <inheritdoc/>
    public void Prepare(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch)
    {
        if (!own) ScoreRows.Compute(o, batch, head, query, queries, scratch);
    }

    /// <inheritdoc/>
    public int Choose(in AttentionOperands o, int batch, int head, int query, int lane, int* keys, float* scratch)
    {
        var center = own ? query : Strongest(o, lane, scratch);
        var everything = own && query < grid.Words;
        var chosen = everything ? o.Shape.Keys : grid.Words;
        for (var j = 0; j < chosen; j++) keys[j] = j;
        if (everything || center < grid.Words) return chosen;
        var place = (center - grid.Words) % grid.Cells;
        var view = center - place;
        var (row, column) = (place / grid.Columns, place % grid.Columns);
        var (left, right) = (Math.Max(0, column - radius), Math.Min(grid.Columns - 1, column + radius));
        for (var r = Math.Max(0, row - radius); r <= Math.Min(grid.Rows - 1, row + radius); r++)
        {
            for (var c = left; c <= right; c++) keys[chosen++] = view + r * grid.Columns + c;
        }

        return chosen;
    }

    /// <summary>The patch with the highest score; -1 when all are masked.</summary>
    private int Strongest(in AttentionOperands o, int lane, float* scratch)
    {
        var row = ScoreRows.Rows(o.Shape.HeadDim, scratch) + (nint)lane * o.Shape.Keys;
        var (best, highest) = (-1, float.NegativeInfinity);
        for (var j = grid.Words; j < o.Shape.Keys; j++)
            if (row[j] > highest) (best, highest) = (j, row[j]);
        return best;
    }
}
