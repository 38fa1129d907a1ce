namespace CrossModal.Engine.Kernels;

/// <summary>
/// All keys of the blocks whose mean key scores highest for the query (as Lu et al. 2025, "MoBA"), and all words. Blocks are runs of
/// adjacent patches; masked keys do not count in a mean, and a block without others is never chosen. The mask must be the same for all
/// queries.
/// </summary>
/// <param name="words">Keys before the patches.</param>
/// <param name="size">Keys of a block; the last may have fewer.</param>
/// <param name="kept">Blocks a query attends to.</param>
internal unsafe struct BestBlocks(int words, int size, int kept) : IKeyChoice
{
    private float* _means;
    private float* _masked;

    /// <inheritdoc/>
    public static bool ValuesGathered => false;

    /// <summary>Blocks of so many keys.</summary>
    public static int Count(int keys, int words, int size) => (Math.Max(0, keys - words) + size - 1) / size;

    /// <inheritdoc/>
    public void Begin(in AttentionOperands o)
    {
        var s = o.Shape;
        var blocks = Count(s.Keys, words, size);
        nint pairs = (nint)s.Batch * s.Heads;
        _means = PackingBuffer.Rent(PackingBuffer.Summaries, pairs * blocks * (s.HeadDim + 1));
        _masked = _means + pairs * blocks * s.HeadDim;
        for (var b = 0; b < s.Batch; b++)
            for (var h = 0; h < s.Heads; h++)
            {
                var mask = o.Mask == null ? null : o.Mask + o.MaskAt(b, h, 0);
                for (var block = 0; block < blocks; block++)
                {
                    nint at = ((nint)b * s.Heads + h) * blocks + block;
                    var mean = _means + at * s.HeadDim;
                    new Span<float>(mean, s.HeadDim).Clear();
                    var counted = 0;
                    for (var j = words + block * size; j < Math.Min(s.Keys, words + (block + 1) * size); j++)
                    {
                        if (mask != null && float.IsNegativeInfinity(mask[j])) continue;
                        VectorRow.AddScaled(mean, o.KAt(b, h, j), s.HeadDim, 1);
                        counted++;
                    }

                    if (counted > 0) VectorRow.Scale(mean, mean, s.HeadDim, 1f / counted);
                    _masked[at] = counted > 0 ? 0 : float.NegativeInfinity;
                }
            }
    }

    /// <inheritdoc/>
    public readonly long Scratch(in AttentionShape shape)
    {
        var blocks = Count(shape.Keys, words, size);
        return ScoreRows.Scratch(shape.HeadDim, blocks) + 2L * Math.Min(kept, blocks);
    }

    /// <inheritdoc/>
    public readonly void Prepare(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch)
    {
        var blocks = Count(o.Shape.Keys, words, size);
        nint first = ((nint)batch * o.Shape.Heads + head) * blocks;
        var rows = ScoreRows.Compute(o, _means + first * o.Shape.HeadDim, blocks, batch, head, query, queries, scratch);
        for (var lane = 0; lane < queries; lane++)
            for (var block = 0; block < blocks; block++) rows[(nint)lane * blocks + block] += _masked[first + block];
    }

    /// <inheritdoc/>
    public readonly int Choose(in AttentionOperands o, int batch, int head, int query, int lane, int* keys, float* scratch)
    {
        var blocks = Count(o.Shape.Keys, words, size);
        var most = Math.Min(kept, blocks);
        var rows = ScoreRows.Rows(o.Shape.HeadDim, scratch);
        var heap = rows + (nint)AttentionTile.Queries * blocks;
        var places = (int*)(heap + most);
        var row = rows + (nint)lane * blocks;
        LargestValues.Places(row, blocks, most, heap, places);
        var chosen = words;
        for (var j = 0; j < words; j++) keys[j] = j;
        for (var n = 0; n < most; n++)
        {
            if (float.IsNegativeInfinity(row[places[n]])) continue;
            var start = words + places[n] * size;
            for (var j = start; j < Math.Min(o.Shape.Keys, start + size); j++) keys[chosen++] = j;
        }

        return chosen;
    }
}
