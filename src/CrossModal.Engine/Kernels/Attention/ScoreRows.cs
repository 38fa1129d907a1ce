namespace CrossModal.Engine.Kernels;

/// <summary>The scores of a tile of queries for all keys, a row for each query, from which keys are chosen.</summary>
/// <remarks>Computed 16 queries at a time, as full attention does: it costs half of full attention's products.</remarks>
internal static unsafe class ScoreRows
{
    /// <summary>Floats of scratch for so many keys: a panel of queries, two tiles, then the rows.</summary>
    public static long Scratch(int width, int keys) => AttentionTile.Queries * (width + 2L * AttentionTile.Keys + keys);

    /// <summary>Computes the rows, mask added, and returns where they are: [16, Nk].</summary>
    public static float* Compute(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch)
    {
        var at = Places(o.Shape.HeadDim, scratch);
        AttentionTile.Transpose(queries, o.Shape.HeadDim, o.QAt(batch, head, query), o.QRow, at.Panel, o.Scale);
        for (var key = 0; key < o.Shape.Keys; key += AttentionTile.Keys)
        {
            var keys = Math.Min(AttentionTile.Keys, o.Shape.Keys - key);
            AttentionTile.Scores(keys, queries, o.Shape.HeadDim, o.KAt(batch, head, key), o.KRow, at.Panel, at.Tile);
            AttentionKernel.AddMask(o, batch, head, query, queries, key, keys, at.Tile, at.Extra);
            AttentionTile.TransposeBack(queries, keys, at.Tile, at.Rows + key, o.Shape.Keys);
        }

        return at.Rows;
    }

    /// <summary>The same for other keys than the operands', dense and without a mask: [16, count].</summary>
    public static float* Compute(in AttentionOperands o, float* others, int count, int batch, int head, int query, int queries,
        float* scratch)
    {
        var width = o.Shape.HeadDim;
        var at = Places(width, scratch);
        AttentionTile.Transpose(queries, width, o.QAt(batch, head, query), o.QRow, at.Panel, o.Scale);
        for (var key = 0; key < count; key += AttentionTile.Keys)
        {
            var keys = Math.Min(AttentionTile.Keys, count - key);
            AttentionTile.Scores(keys, queries, width, others + (nint)key * width, width, at.Panel, at.Tile);
            AttentionTile.TransposeBack(queries, keys, at.Tile, at.Rows + key, count);
        }

        return at.Rows;
    }

    /// <summary>Where the rows were computed.</summary>
    public static float* Rows(int width, float* scratch) => Places(width, scratch).Rows;

    private static ScorePlaces Places(int width, float* scratch)
    {
        const nint tile = AttentionTile.Queries * AttentionTile.Keys;
        var first = scratch + (nint)AttentionTile.Queries * width;
        return new ScorePlaces { Panel = scratch, Tile = first, Extra = first + tile, Rows = first + 2 * tile };
    }

    private struct ScorePlaces
    {
        public float* Panel, Tile, Extra, Rows;
    }
}
