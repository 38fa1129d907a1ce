namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens looked at.

/// <summary>
/// Cross-attention of few queries over many tokens that are never projected to keys (and, with <see cref="AbsorbedOperands.Values"/>,
/// never to values): scores_h = q'_h X^T and out_h = (P_h Y) Wv_h^T + bv_h. The queries of all heads stand side by side in panels of
/// 16 columns h Nl + i. A panel's way from scores to output is independent of every other panel, so panels are what threads share
/// out, and the bits do not depend on the number of threads. Keys come in tiles with the streamed softmax, so that the working
/// memory of a thread does not grow with Nk.
/// </summary>
internal static unsafe class AbsorbedAttention
{
    /// <summary>About 2 microseconds of one thread: below this a second thread costs more to call than it saves.</summary>
    public const double FlopsWorthAThread = 1 << 18;

    private const int Columns = MatrixTile.Columns;

    // A tile's probabilities for one group of panels (128 KB), and its tokens, stay in the second-level cache.
    private const int TileKeys = 256;
    private const int LastTileKeys = 320;
    private const int GroupPanels = 8;

    /// <summary>Floats of the copy that <see cref="PackTokens"/> makes.</summary>
    public static long PackedLength(int batch, int keys, int width) => (long)batch * keys * ((width + Columns - 1) / Columns) * Columns;

    /// <summary>
    /// Copies tokens [B, Nk, width] into strips of 16 columns [B, ceil(width / 16), Nk, 16], the last one filled up with 0, for
    /// <see cref="AbsorbedOperands.Packed"/>. Rows of strips read fastest where <paramref name="packed"/> is aligned to 64 bytes.
    /// </summary>
    public static void PackTokens(int batch, int keys, int width, float* tokens, nint row, nint batchStride, float* packed, Workers workers)
    {
        if (batch == 0 || keys == 0 || width == 0) return;
        var job = new PackJob { Batch = batch, Keys = keys, Width = width, Tokens = tokens, Row = row, BatchStride = batchStride, Packed = packed };
        job.Parts = RowSplit.Parts(job.Items, keys * Columns, workers);
        workers.Run(job.Parts, ref job);
    }

    /// <summary>Runs the attention; <see cref="AbsorbedOperands"/> says of what.</summary>
    /// <exception cref="ArgumentException">Operands contradict each other.</exception>
    public static void Run(in AbsorbedOperands o, Workers workers)
    {
        o.Check();
        if (o.Batch == 0 || o.Heads == 0 || o.Queries == 0) return;
        var job = new AttentionJob { Operands = o, TileKeys = KeysOfTile(o.Keys) };
        job.Parts = (int)Math.Clamp(Flops(o) / FlopsWorthAThread, 1, Math.Min((long)o.Batch * o.PanelCount, workers.Threads));
        workers.Run(job.Parts, ref job);
        GC.KeepAlive(o.Values);
    }

    /// <summary>Floats of scratch that each thread keeps for such an attention.</summary>
    public static long ScratchLength(in AbsorbedOperands o)
    {
        var panels = Math.Min(GroupPanels, o.PanelCount);
        return AbsorbedGroup.ScratchLength(o, panels, KeysOfTile(o.Keys));
    }

    private static int KeysOfTile(int keys)
    {
        if (keys <= LastTileKeys) return Math.Max(1, keys);
        var tiles = (keys + TileKeys - 1) / TileKeys;
        return (keys + tiles - 1) / tiles;
    }

    private static double Flops(in AbsorbedOperands o)
    {
        var right = o.Values is null ? o.HeadDim : o.ValueWidth;
        var after = o.Values is null ? 0 : (double)o.ValueWidth * o.HeadDim;
        return 2.0 * o.Batch * o.Queries * o.Heads * ((double)o.Keys * (o.KeyWidth + right + 8) + after);
    }

    private struct PackJob : IWorkBody
    {
        public float* Tokens, Packed;
        public nint Row, BatchStride;
        public int Batch, Keys, Width, Parts;

        public readonly int Items => Batch * Strips;

        private readonly int Strips => (Width + Columns - 1) / Columns;

        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(Items, part, Parts);
            for (nint item = start; item < end; item++)
            {
                var column = item % Strips * Columns;
                MatrixPacking.PackPanels(Keys, (int)Math.Min(Columns, Width - column), Tokens + item / Strips * BatchStride + column, Row, 1,
                    Packed + item * Keys * Columns);
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
