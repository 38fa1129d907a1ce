namespace CrossModal.Engine.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head (Dv of a value head).

/// <summary>
/// softmax(scale q k^T + mask) v for every batch and head, streamed over tiles of keys (Dao et al., "FlashAttention", 2022),
/// so that nothing of size Nq x Nk is kept unless the weights are asked for.
/// </summary>
internal static unsafe partial class AttentionKernel
{
    // About 4 microseconds of one thread.
    private const double FlopsWorthAThread = 1 << 17;

    /// <summary>
    /// Attention of q [B, Nq, H D] over k [B, Nk, H D] and v [B, Nk, H Dv], each with its own row stride, into
    /// output [B, Nq, H Dv]. <paramref name="mask"/> is added to the scores or empty; <paramref name="dropout"/> [B, H, Nq, Nk] or
    /// empty multiplies the probabilities on their way into the output; <paramref name="weights"/> [B, H, Nq, Nk] (before dropout)
    /// are filled unless empty. A query with nothing to attend gives zeros. <paramref name="kept"/>, empty or of <see cref="KeptSize"/>
    /// floats an item of [B, H], takes the exponentials that <see cref="Backward"/> would compute again, where there is no dropout.
    /// At most <paramref name="scorePiece"/> products of a score are summed in one accumulator.
    /// </summary>
    /// <exception cref="ArgumentException">A size, stride or length does not fit the shape.</exception>
    public static void Forward(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, ReadOnlySpan<float> k, int kRow, ReadOnlySpan<float> v, int vRow,
        ReadOnlySpan<float> mask, in MaskShape maskShape, ReadOnlySpan<float> dropout,
        Span<float> output, Span<float> weights, Workers workers, Span<float> kept = default, int scorePiece = int.MaxValue)
    {
        AttentionOperands.Check(s, q.Length, qRow, k.Length, kRow, v.Length, vRow, mask.Length, maskShape, dropout.Length,
            "output", output.Length, weights.Length);
        AttentionOperands.CheckKept(s, kept.Length, dropout.Length);
        if (s.Batch == 0 || s.Heads == 0 || s.Queries == 0) return;
        fixed (float* pq = q, pk = k, pv = v, pmask = mask, pdropout = dropout, poutput = output, pweights = weights, pkept = kept)
        {
            var job = new ForwardJob
            {
                Operands = new AttentionOperands
                {
                    Shape = s,
                    MaskShape = maskShape,
                    Scale = scale,
                    ScorePiece = scorePiece,
                    Q = pq,
                    QRow = qRow,
                    K = pk,
                    KRow = kRow,
                    V = pv,
                    VRow = vRow,
                    Mask = pmask,
                    Dropout = pdropout,
                    Output = poutput,
                    Weights = pweights,
                    Kept = pkept,
                },
            };
            // Tiles of queries are independent of each other, so they are what is shared out.
            job.Items = (long)s.Batch * s.Heads * job.QueryTiles;
            job.Parts = Parts(s, 2, job.Items, workers);
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>
    /// Floats of exponentials a batch and head can keep: 16 for each key and tile of queries. 0 for more keys than one tile, whose
    /// exponentials are not yet those of the whole row: what is kept stays linear in tokens.
    /// </summary>
    public static long KeptSize(int queries, int keys) => keys > AttentionTile.Keys
        ? 0
        : ((long)queries + AttentionTile.Queries - 1) / AttentionTile.Queries * keys * AttentionTile.Queries;

    /// <summary>
    /// Products of a score in one accumulator where the error counts more than a few percent of the attention's time: an error of a score
    /// counts as a whole, so that these sums weigh more than those of all projections.
    /// </summary>
    public const int ShortScorePiece = 16;

    private static int Parts(in AttentionShape s, int products, long items, Workers workers)
    {
        var flops = (double)products * s.Batch * s.Heads * s.Queries * s.Keys * (s.HeadDim + s.ValueDim + 8.0);
        return (int)Math.Clamp(flops / FlopsWorthAThread, 1, Math.Max(1, Math.Min(items, workers.Threads)));
    }

    private struct ForwardJob : IWorkBody
    {
        public AttentionOperands Operands;
        public long Items;
        public int Parts;

        public readonly int QueryTiles => (Operands.Shape.Queries + AttentionTile.Queries - 1) / AttentionTile.Queries;

        public readonly void Execute(int part)
        {
            var shape = Operands.Shape;
            const int lanes = AttentionTile.Queries;
            var scratch = PackingBuffer.Rent(PackingBuffer.Tiles, lanes * (shape.HeadDim + 2L * AttentionTile.Keys + 3));
            var end = Items * (part + 1) / Parts;
            for (var item = Items * part / Parts; item < end; item++)
            {
                var tile = (int)(item % QueryTiles);
                var pair = item / QueryTiles;
                QueryTile((int)(pair / shape.Heads), (int)(pair % shape.Heads), tile * lanes, scratch);
            }
        }

        private readonly void QueryTile(int batch, int head, int query, float* scratch)
        {
            ref readonly var o = ref Operands;
            var shape = o.Shape;
            const int lanes = AttentionTile.Queries;
            var queries = Math.Min(lanes, shape.Queries - query);
            var maximum = scratch;
            var sum = maximum + lanes;
            var rescale = sum + lanes;
            var scratchScores = rescale + lanes;
            var scores = o.Kept == null ? scratchScores : o.KeptAt(batch, head, query);
            var extra = scratchScores + lanes * AttentionTile.Keys;
            var panel = extra + lanes * AttentionTile.Keys;
            var output = o.Output + o.OutputAt(batch, head, query);
            new Span<float>(maximum, lanes).Fill(float.NegativeInfinity);
            new Span<float>(sum, lanes).Clear();
            AttentionTile.Transpose(queries, shape.HeadDim, o.QAt(batch, head, query), o.QRow, panel, o.Scale);
            for (var key = 0; key < shape.Keys; key += AttentionTile.Keys)
            {
                var keys = Math.Min(AttentionTile.Keys, shape.Keys - key);
                AttentionTile.Scores(keys, queries, shape.HeadDim, o.ScorePiece, o.KAt(batch, head, key), o.KRow, panel, scores);
                AddMask(o, batch, head, query, queries, key, keys, scores, extra);
                if (o.Weights != null)
                    AttentionTile.TransposeBack(queries, keys, scores, o.Weights + o.RowAt(batch, head, query) * shape.Keys + key,
                        shape.Keys);
                AttentionTile.SoftmaxStep(keys, queries, scores, maximum, sum, rescale, MatrixTile.IsWideFaster);
                if (o.Dropout != null)
                {
                    AttentionTile.Transpose(queries, keys, o.Dropout + o.RowAt(batch, head, query) * shape.Keys + key, shape.Keys, extra,
                        1);
                    AttentionTile.Multiply(keys, scores, extra);
                }

                if (key > 0)
                {
                    for (var i = 0; i < queries; i++)
                    {
                        if (rescale[i] != 1)
                            VectorRow.Scale(output + i * o.OutputRow, output + i * o.OutputRow, shape.ValueDim, rescale[i]);
                    }
                }

                MatrixTile.InPlace(queries, shape.ValueDim, keys, scores, 1, lanes, o.VAt(batch, head, key), o.VRow, output, o.OutputRow,
                    key > 0);
            }

            Finish(batch, head, query, queries, maximum, sum);
        }

        /// <summary>Divides by the sums and writes what else was asked for.</summary>
        private readonly void Finish(int batch, int head, int query, int queries, float* maximum, float* sum)
        {
            ref readonly var o = ref Operands;
            var width = o.Shape.ValueDim;
            for (var i = 0; i < queries; i++)
            {
                var output = o.Output + o.OutputAt(batch, head, query + i);
                var weights = o.Weights == null ? null : o.Weights + o.RowAt(batch, head, query + i) * o.Shape.Keys;
                if (sum[i] == 0)
                {
                    new Span<float>(output, width).Clear();
                    if (weights != null) new Span<float>(weights, o.Shape.Keys).Clear();
                    continue;
                }

                var inverse = 1 / sum[i];
                VectorRow.Scale(output, output, width, inverse);
                if (weights == null) continue;
                // Only a NaN score leaves a sum beside a maximum of -infinity.
                var shift = float.IsNegativeInfinity(maximum[i]) ? 0 : maximum[i];
                VectorRow.ExpSum(weights, weights, o.Shape.Keys, shift);
                VectorRow.Scale(weights, weights, o.Shape.Keys, inverse);
            }
        }
    }

    /// <summary>Adds the mask to a tile of scores; <paramref name="extra"/> has room for another tile.</summary>
    internal static void AddMask(in AttentionOperands o, int batch, int head, int query, int queries, int key, int keys, float* scores,
        float* extra)
    {
        if (o.Mask == null) return;
        var mask = o.Mask + o.MaskAt(batch, head, query) + key;
        if (o.MaskShape.Queries == 1)
        {
            AttentionTile.AddToRows(keys, scores, mask);
            return;
        }

        AttentionTile.Transpose(queries, keys, mask, o.Shape.Keys, extra, 1);
        AttentionTile.Add(keys, scores, extra);
    }
}
