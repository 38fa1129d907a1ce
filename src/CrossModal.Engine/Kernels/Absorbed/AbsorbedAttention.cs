namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens attended to.

/// <summary>
/// Cross-attention of few queries over many tokens that are never projected to keys (and, with <see cref="AbsorbedOperands.Values"/>,
/// never to values): scores_h = q'_h X^T and out_h = (P_h Y) Wv_h^T + bv_h. The queries of all heads stand side by side in panels of
/// 16 columns h Nl + i. A panel's way from scores to output is independent of every other panel, so panels are what threads share
/// out, and the bits do not depend on the number of threads. Keys come in tiles with the streamed softmax, so that the working
/// memory does not grow with Nk.
/// </summary>
internal static unsafe class AbsorbedAttention
{
    private const int Columns = AbsorbedTile.Columns;

    // The probabilities of a group over a tile of keys take up to 256 KB of the second-level cache; longer tiles and larger groups
    // mean fewer copies of the tokens.
    private const int TileKeys = 256;
    private const int LastTileKeys = 320;
    private const int GroupPanels = 16;

    // Tokens up to this size (8 MB) are copied once for all threads; of more, each thread copies a tile at a time.
    private const long SharedCopy = 1 << 21;

    /// <summary>Floats of the copy that <see cref="PackTokens"/> makes.</summary>
    public static long PackedLength(int batch, int keys, int width) => (long)batch * Strips(width) * AbsorbedTile.StripRows(keys) * Columns;

    /// <summary>
    /// Copies tokens [B, Nk, width] into strips of 16 columns [B, ceil(width / 16), R, 16] with R = <see cref="AbsorbedTile.StripRows"/>
    /// rows, of which Nk are used; the last strip is filled up with 0. Strips read fastest from an address that is a multiple of 64.
    /// </summary>
    public static void PackTokens(int batch, int keys, int width, float* tokens, nint row, nint batchStride, float* packed, Workers workers)
    {
        if (batch == 0 || keys == 0 || width == 0) return;
        var job = new PackJob
        {
            Batch = batch,
            Keys = keys,
            Width = width,
            Tokens = tokens,
            Row = row,
            BatchStride = batchStride,
            Packed = packed
        };
        job.Parts = RowSplit.Parts(batch * keys, width, workers);
        workers.Run(job.Parts, ref job);
    }

    /// <summary>Runs the attention; <see cref="AbsorbedOperands"/> says of what.</summary>
    /// <exception cref="ArgumentException">Operands contradict each other.</exception>
    public static void Run(in AbsorbedOperands o, Workers workers)
    {
        o.Check();
        if (o.Batch == 0 || o.Heads == 0 || o.Queries == 0) return;
        var job = new AttentionJob { Operands = o, TileKeys = KeysOfTile(o.Keys), Parts = Parts(o, workers.Threads) };
        var shared = SharedLength(o, job.Parts);
        if (shared > 0) Share(ref job.Operands, PackingBuffer.Rent(PackingBuffer.Right, shared), workers);
        workers.Run(job.Parts, ref job);
        GC.KeepAlive(o.Values);
    }

    /// <summary>Floats of scratch that so many threads together keep for such an attention.</summary>
    public static long ScratchLength(in AbsorbedOperands o, int threads)
    {
        var parts = Parts(o, threads);
        return parts * AbsorbedGroup.ScratchLength(o, Math.Min(GroupPanels, o.PanelCount), KeysOfTile(o.Keys)) + SharedLength(o, parts);
    }

    private static int Strips(int width) => (width + Columns - 1) / Columns;

    private static int KeysOfTile(int keys)
    {
        if (keys <= LastTileKeys) return Math.Max(1, keys);
        var tiles = (keys + TileKeys - 1) / TileKeys;
        return (keys + tiles - 1) / tiles;
    }

    private static int Parts(in AbsorbedOperands o, int threads)
    {
        var right = o.Values is null ? o.HeadDim : o.ValueWidth;
        var after = o.Values is null ? 0 : (double)o.ValueWidth * o.HeadDim;
        var flops = 2.0 * o.Batch * o.Queries * o.Heads * ((double)o.Keys * (o.KeyWidth + right + 8) + after);
        return ThreadWork.Parts(flops, Math.Min((long)o.Batch * o.PanelCount, threads));
    }

    /// <summary>Threads that work on the same tokens share one copy of them, unless it is long.</summary>
    private static long SharedLength(in AbsorbedOperands o, int parts)
    {
        if (parts <= o.Batch || o.PackedX != null) return 0;
        var length = PackedLength(o.Distinct(o.XBatch), o.Keys, o.KeyWidth);
        if (NeedsY(o)) length += PackedLength(o.Distinct(o.YBatch), o.Keys, o.ValueWidth);
        return length <= SharedCopy ? length : 0;
    }

    private static bool NeedsY(in AbsorbedOperands o) => o.Values is not null && o.PackedY == null && !o.IsOneTokens;

    private static void Share(ref AbsorbedOperands o, float* shared, Workers workers)
    {
        PackTokens(o.Distinct(o.XBatch), o.Keys, o.KeyWidth, o.X, o.XRow, o.XBatch, shared, workers);
        if (NeedsY(o))
        {
            var second = shared + PackedLength(o.Distinct(o.XBatch), o.Keys, o.KeyWidth);
            PackTokens(o.Distinct(o.YBatch), o.Keys, o.ValueWidth, o.Y, o.YRow, o.YBatch, second, workers);
            o.PackedY = second;
        }

        o.PackedX = shared;
    }

    private struct PackJob : IWorkBody
    {
        public float* Tokens, Packed;
        public nint Row, BatchStride;
        public int Batch, Keys, Width, Parts;

        public readonly void Execute(int part)
        {
            var stripLength = (nint)AbsorbedTile.StripRows(Keys) * Columns;
            var (row, end) = RowSplit.Range(Batch * Keys, part, Parts);
            while (row < end)
            {
                var (b, key) = (row / Keys, row % Keys);
                var keys = Math.Min(end - row, Keys - key);
                AbsorbedTile.Pack(keys, Width, Tokens + b * BatchStride + key * Row, Row,
                    Packed + b * Strips(Width) * stripLength + (nint)key * Columns, stripLength);
                row += keys;
            }
        }
    }

    private struct AttentionJob : IWorkBody
    {
        public AbsorbedOperands Operands;
        public int TileKeys, Parts;

        public readonly void Execute(int part)
        {
            var panels = Operands.PanelCount;
            var length = AbsorbedGroup.ScratchLength(Operands, Math.Min(GroupPanels, panels), TileKeys);
            var scratch = PackingBuffer.Rent(PackingBuffer.Tiles, length);
            var items = (long)Operands.Batch * panels;
            var (item, end) = (items * part / Parts, items * (part + 1) / Parts);
            while (item < end)
            {
                // Groups of even size within one batch element.
                var first = (int)(item % panels);
                var run = (int)Math.Min(end - item, panels - first);
                var groups = (run + GroupPanels - 1) / GroupPanels;
                var count = (run + groups - 1) / groups;
                new AbsorbedGroup(Operands, (int)(item / panels), first, count, TileKeys, scratch).Run();
                item += count;
            }
        }
    }
}
