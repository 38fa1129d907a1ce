using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, H heads, D width of a head, dk width of the tokens attended to.

/// <summary>
/// The weight of a key projection, arranged so that queries can absorb it: the scores of head h over tokens X [Nk, dk] are
/// (q_h Wk_h) X^T, so that the tokens need not be projected. The bias of the keys adds the same to a whole row of scores and
/// cancels in the softmax.
/// </summary>
internal sealed unsafe partial class AbsorbedKeys
{
    private const int Columns = MatrixTile.Columns;

    // Heads up to this width are absorbed several at a time.
    private const int NarrowHead = 16;

    // Panels [D, 16] of 16 features each, head after head, or of narrow heads the weight as it is; pinned, so that the address stays.
    private readonly float[] _memory;
    private readonly float* _packed;

    private AbsorbedKeys(int heads, int headDim, int keyWidth)
    {
        (Heads, HeadDim, KeyWidth) = (heads, headDim, keyWidth);
        _memory = AbsorbedValues.AllocateAligned(IsNarrow ? (long)heads * headDim * keyWidth : heads * HeadLength, out _packed);
    }

    /// <summary>Heads, H.</summary>
    public int Heads { get; }

    /// <summary>Width of a head, D.</summary>
    public int HeadDim { get; }

    /// <summary>Width of the tokens, dk.</summary>
    public int KeyWidth { get; }

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => (long)sizeof(float) * Heads * HeadDim * KeyWidth;

    private bool IsNarrow => HeadDim <= NarrowHead;

    private int Blocks => (KeyWidth + Columns - 1) / Columns;

    private long HeadLength => (long)Blocks * HeadDim * Columns;

    /// <summary>Copies <paramref name="weight"/> [H D, dk].</summary>
    /// <exception cref="ArgumentException">The weight has another length.</exception>
    public static AbsorbedKeys Pack(ReadOnlySpan<float> weight, int heads, int headDim, int keyWidth)
    {
        RowSplit.Check("AbsorbedKeys", "weight", weight.Length, heads * headDim, keyWidth);
        var keys = new AbsorbedKeys(heads, headDim, keyWidth);
        if (keys.IsNarrow)
        {
            weight.CopyTo(new Span<float>(keys._packed, weight.Length));
            return keys;
        }

        fixed (float* from = weight)
        {
            for (nint head = 0; head < heads; head++)
                MatrixPacking.PackPanels(headDim, keyWidth, from + head * headDim * keyWidth, keyWidth, 1,
                    keys._packed + head * (nint)keys.HeadLength);
        }

        return keys;
    }

    /// <summary>
    /// Floats that the absorbed queries of one batch element take: column c = h Nl + i stands in panel c / 16, and a panel is [dk, 16].
    /// </summary>
    public static long PanelLength(int queries, int heads, int keyWidth)
        => ((long)queries * heads + Columns - 1) / Columns * Columns * keyWidth;

    /// <summary>
    /// Absorbs q [B, Nl, H D] with row stride <paramref name="qRow"/>, times <paramref name="scale"/>, into
    /// <paramref name="panels"/> [B, <see cref="PanelLength"/>]. Columns that fill up the last panel are 0. Whether vectors have 512 bits
    /// changes no bit.
    /// </summary>
    public void Project(int batch, int queries, float* q, nint qRow, float scale, float* panels, bool isWide, Workers workers)
    {
        if (batch == 0 || queries == 0 || Heads == 0) return;
        if (IsNarrow)
        {
            ProjectNarrow(batch, queries, q, qRow, scale, panels, isWide, workers);
            return;
        }

        var job = new ProjectJob
        {
            Packed = _packed,
            Batch = batch,
            Queries = queries,
            Heads = Heads,
            HeadDim = HeadDim,
            KeyWidth = KeyWidth,
            Blocks = Blocks,
            Q = q,
            QRow = qRow,
            Scale = scale,
            Panels = panels,
            IsWide = isWide,
            // A head's weights stay in the cache for all queries, so heads are shared out first, then their features.
            Splits = Math.Min(Blocks, (workers.Threads + Heads - 1) / Heads),
        };
        var flops = 2.0 * batch * queries * Heads * HeadDim * KeyWidth;
        job.Parts = ThreadWork.Parts(flops, Math.Min((long)Heads * job.Splits, workers.Threads));
        workers.Run(job.Parts, ref job);
        GC.KeepAlive(_memory);
    }

    private void ProjectNarrow(int batch, int queries, float* q, nint qRow, float scale, float* panels, bool isWide, Workers workers)
    {
        var job = new NarrowJob
        {
            Weight = _packed,
            Batch = batch,
            Queries = queries,
            Heads = Heads,
            HeadDim = HeadDim,
            KeyWidth = KeyWidth,
            Q = q,
            QRow = qRow,
            Scale = scale,
            Panels = panels,
            IsWide = isWide,
        };
        job.Split(workers);
        workers.Run(job.Parts, ref job);
        GC.KeepAlive(_memory);
    }

    private struct ProjectJob : IWorkBody
    {
        public float* Packed, Q, Panels;
        public nint QRow;
        public float Scale;
        public bool IsWide;
        public int Batch, Queries, Heads, HeadDim, KeyWidth, Blocks, Splits, Parts;

        // Shorter sums are over before the tiles of the longer vectors pay.
        private const int ShortSum = 32;

        public readonly void Execute(int part)
        {
            var transposed = PackingBuffer.Rent(PackingBuffer.Tiles, (HeadDim + Columns) * (long)Columns);
            var (start, end) = RowSplit.Range(Heads * Splits, part, Parts);
            for (var item = start; item < end; item++)
            {
                var (head, split) = (item / Splits, item % Splits);
                var (firstBlock, endBlock) = RowSplit.Range(Blocks, split, Splits);
                for (nint b = 0; b < Batch; b++)
                {
                    // The queries of a head fill columns head * Nl ..., piece by piece up to the border of a panel.
                    for (int i = 0, count; i < Queries; i += count)
                    {
                        var column = head * Queries + i;
                        count = Math.Min(Queries - i, Columns - column % Columns);
                        AttentionTile.Transpose(count, HeadDim, Q + (b * Queries + i) * QRow + (nint)head * HeadDim, QRow, transposed,
                            Scale);
                        Features(head, firstBlock, endBlock, transposed, PanelAt(b, column / Columns) + column % Columns, count);
                    }

                    if (head == Heads - 1) ClearRest(b, firstBlock, endBlock);
                }
            }
        }

        private readonly float* PanelAt(nint b, nint panel)
        {
            var perBatch = ((nint)Queries * Heads + Columns - 1) / Columns;
            return Panels + (b * perBatch + panel) * KeyWidth * Columns;
        }

        private readonly void Features(int head, int firstBlock, int endBlock, float* transposed, float* to, int count)
        {
            var weights = Packed + (nint)head * Blocks * HeadDim * Columns;
            var whole = transposed + (nint)HeadDim * Columns;
            for (nint block = firstBlock; block < endBlock; block++)
            {
                // Columns of several heads share a panel: computed as a whole, of which only this head's are copied.
                var features = (int)Math.Min(Columns, KeyWidth - block * Columns);
                var target = to + block * Columns * Columns;
                var result = count == Columns ? target : whole;
                if (IsWide && HeadDim >= ShortSum) Wide(features, weights + block * HeadDim * Columns, transposed, result);
                else AbsorbedTile.TimesFeatures(features, HeadDim, weights + block * HeadDim * Columns, transposed, result, count > 8
                    ? Columns : 8, null);
                if (count < Columns) CopyColumns(features, count, whole, target);
            }
        }

        private readonly void Wide(int features, float* weights, float* transposed, float* result) => MatrixTile.Wide(features,
            new TileOperands
            {
                K = HeadDim,
                A = weights,
                ARow = 1,
                ACol = Columns,
                ATileRow = 1,
                B = transposed,
                BRow = Columns,
                C = result,
                CRow = Columns,
                CPanel = Columns,
                Columns = Columns,
            });

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void CopyColumns(int rows, int count, float* from, float* to)
        {
            for (nint row = 0; row < rows; row++, from += Columns, to += Columns)
            {
                if (count < 8)
                {
                    VectorTail.Store(Vector256.Load(from), to, count);
                    continue;
                }

                Vector256.Load(from).Store(to);
                if (count > 8) VectorTail.Store(Vector256.Load(from + 8), to + 8, count - 8);
            }
        }

        private readonly void ClearRest(nint b, int firstBlock, int endBlock)
        {
            var used = Queries * Heads % Columns;
            if (used == 0) return;
            var panel = PanelAt(b, Queries * Heads / Columns);
            for (nint row = (nint)firstBlock * Columns; row < Math.Min((nint)endBlock * Columns, KeyWidth); row++)
                new Span<float>(panel + row * Columns + used, Columns - used).Clear();
        }
    }
}
