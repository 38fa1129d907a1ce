namespace CrossModal.Engine.Kernels;

internal static unsafe partial class AttentionKernel
{
    /// <summary>
    /// The gradients of <see cref="Forward"/>, with the probabilities p computed again: nothing of the forward is needed. Where it kept
    /// the exponentials of short rows, these are read instead; they are the same bits.
    /// For 16 queries at a time p and its gradient dp are held for the whole row of keys, so that p is normalised by its own sum and
    /// the gradient of the scores, p (dp - sum p dp), is 0 to the last bit where one key, or equal keys, take all the weight.
    /// (FlashAttention takes p from a stored log-sum-exp and sum p dp from the output; at scores of 1e4 the rounding of both,
    /// multiplied by the queries, shows in the gradients.) Scratch is linear in Nk: 128 bytes a key and thread, 192 with dropout.
    /// dq [B, Nq, H D], dk [B, Nk, H D] and dv [B, Nk, H Dv] are dense and overwritten; <paramref name="dMask"/> has the mask's
    /// shape or is empty, is overwritten, and gets 0 where the mask is -infinity. Batches and heads are shared out over the
    /// threads (those that share a slice of dMask stay together), so the bits do not depend on the number of threads.
    /// </summary>
    /// <exception cref="ArgumentException">A size, stride or length does not fit the shape.</exception>
    public static void Backward(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, ReadOnlySpan<float> k, int kRow, ReadOnlySpan<float> v, int vRow,
        ReadOnlySpan<float> mask, in MaskShape maskShape, ReadOnlySpan<float> dropout,
        ReadOnlySpan<float> dOutput, Span<float> dq, Span<float> dk, Span<float> dv, Span<float> dMask, Workers workers,
        ReadOnlySpan<float> kept = default)
    {
        AttentionOperands.Check(s, q.Length, qRow, k.Length, kRow, v.Length, vRow, mask.Length, maskShape, dropout.Length,
            "dOutput", dOutput.Length, 0);
        AttentionOperands.CheckKept(s, kept.Length, dropout.Length);
        AttentionOperands.CheckDense("dq", dq.Length, (long)s.Batch * s.Queries, (long)s.Heads * s.HeadDim, false);
        AttentionOperands.CheckDense("dk", dk.Length, (long)s.Batch * s.Keys, (long)s.Heads * s.HeadDim, false);
        AttentionOperands.CheckDense("dv", dv.Length, (long)s.Batch * s.Keys, (long)s.Heads * s.ValueDim, false);
        AttentionOperands.CheckDense("dMask", dMask.Length, mask.Length, 1, true);
        dMask.Clear();
        if (s.Batch == 0 || s.Heads == 0) return;
        if (s.Queries == 0 || s.Keys == 0)
        {
            dq.Clear();
            dk.Clear();
            dv.Clear();
            return;
        }

        fixed (float* pq = q, pk = k, pv = v, pmask = mask, pdropout = dropout, pdoutput = dOutput,
            pdq = dq, pdk = dk, pdv = dv, pdmask = dMask, pkept = kept)
        {
            var job = new BackwardJob
            {
                Operands = new AttentionOperands
                {
                    Shape = s,
                    MaskShape = maskShape,
                    Scale = scale,
                    Q = pq,
                    QRow = qRow,
                    K = pk,
                    KRow = kRow,
                    V = pv,
                    VRow = vRow,
                    Mask = pmask,
                    Dropout = pdropout,
                    Kept = pkept,
                    GradientOutput = pdoutput,
                    GradientQ = pdq,
                    GradientK = pdk,
                    GradientV = pdv,
                    GradientMask = pdmask,
                },
                BatchGroups = pdmask != null && maskShape.Batch == 1 ? 1 : s.Batch,
                HeadGroups = pdmask != null && maskShape.Heads == 1 ? 1 : s.Heads,
            };
            var groups = (long)job.BatchGroups * job.HeadGroups;
            job.Parts = Parts(s, 5, groups, workers);
            workers.Run(job.Parts, ref job);
        }
    }

    private struct BackwardJob : IWorkBody
    {
        public AttentionOperands Operands;
        public int BatchGroups, HeadGroups, Parts;

        public readonly void Execute(int part)
        {
            var shape = Operands.Shape;
            const int lanes = AttentionTile.Queries;
            var rows = Operands.Dropout == null ? 2L : 3L;
            var scratch = PackingBuffer.Rent(PackingBuffer.Tiles, lanes * (rows * shape.Keys + shape.HeadDim + shape.ValueDim + 2));
            var groups = (long)BatchGroups * HeadGroups;
            var end = groups * (part + 1) / Parts;
            for (var group = groups * part / Parts; group < end; group++)
            {
                // A group without a batch of its own walks through all batches, likewise for heads.
                var firstBatch = (int)(group / HeadGroups);
                var firstHead = (int)(group % HeadGroups);
                for (var batch = firstBatch; batch < shape.Batch; batch += BatchGroups)
                {
                    for (var head = firstHead; head < shape.Heads; head += HeadGroups)
                    {
                        for (var query = 0; query < shape.Queries; query += lanes) QueryTile(batch, head, query, scratch);
                    }
                }
            }
        }

        private readonly void QueryTile(int batch, int head, int query, float* scratch)
        {
            ref readonly var o = ref Operands;
            var shape = o.Shape;
            const int lanes = AttentionTile.Queries;
            var queries = Math.Min(lanes, shape.Queries - query);
            var inverse = scratch;
            var mean = inverse + lanes;
            var qPanel = mean + lanes;
            var gradientPanel = qPanel + lanes * shape.HeadDim;
            var p = gradientPanel + lanes * shape.ValueDim;
            var dp = p + (nint)lanes * shape.Keys;
            var keep = o.Dropout == null ? null : dp + (nint)lanes * shape.Keys;
            var e = o.Kept == null ? p : o.KeptAt(batch, head, query);
            if (o.Kept == null) AttentionTile.Transpose(queries, shape.HeadDim, o.QAt(batch, head, query), o.QRow, qPanel, o.Scale);
            AttentionTile.Transpose(queries, shape.ValueDim, o.GradientOutput + o.OutputAt(batch, head, query), o.OutputRow, gradientPanel,
                1);
            for (var key = 0; key < shape.Keys; key += AttentionTile.Keys)
            {
                var keys = Math.Min(AttentionTile.Keys, shape.Keys - key);
                var at = (nint)key * lanes;
                if (o.Kept == null)
                {
                    AttentionTile.Scores(keys, queries, shape.HeadDim, o.KAt(batch, head, key), o.KRow, qPanel, p + at);
                    // The mask is laid out where dp comes next.
                    AddMask(o, batch, head, query, queries, key, keys, p + at, dp + at);
                }

                AttentionTile.Scores(keys, queries, shape.ValueDim, o.VAt(batch, head, key), o.VRow, gradientPanel, dp + at);
                if (keep == null) continue;
                AttentionTile.Transpose(queries, keys, o.Dropout + o.RowAt(batch, head, query) * shape.Keys + key, shape.Keys, keep + at,
                    1);
                AttentionTile.Multiply(keys, dp + at, keep + at);
            }

            // The mask's gradient is that of the scaled scores; without it the scale can be applied at once.
            var factor = o.GradientMask == null ? o.Scale : 1;
            if (o.Kept == null) AttentionTile.SoftmaxWithMean(shape.Keys, queries, p, dp, inverse, mean, MatrixTile.IsWideFaster);
            else AttentionTile.Mean(shape.Keys, queries, e, dp, inverse, mean, MatrixTile.IsWideFaster);

            for (var key = 0; key < shape.Keys; key += AttentionTile.Keys)
            {
                var keys = Math.Min(AttentionTile.Keys, shape.Keys - key);
                var at = (nint)key * lanes;
                AttentionTile.ScoreGradient(keys, queries, e + at, p + at, dp + at, inverse, mean, factor, MatrixTile.IsWideFaster);
                if (keep != null) AttentionTile.Multiply(keys, p + at, keep + at);
                Products(batch, head, query, queries, key, keys, p + at, dp + at);
            }
        }

        /// <summary>What a tile of p (after dropout) and of the gradient of the scores adds to dv, dMask, dk and dq.</summary>
        private readonly void Products(int batch, int head, int query, int queries, int key, int keys, float* p, float* dScores)
        {
            ref readonly var o = ref Operands;
            var shape = o.Shape;
            const int lanes = AttentionTile.Queries;
            var token = (nint)batch * shape.Keys + key;
            var dv = o.GradientV + token * o.OutputRow + (nint)head * shape.ValueDim;
            var dk = o.GradientK + token * o.GradientRow + (nint)head * shape.HeadDim;
            var dq = o.GradientQ + ((nint)batch * shape.Queries + query) * o.GradientRow + (nint)head * shape.HeadDim;
            MatrixTile.Short(keys, shape.ValueDim, queries, p, lanes, o.GradientOutput + o.OutputAt(batch, head, query), o.OutputRow,
                dv, o.OutputRow, query > 0);
            if (o.GradientMask != null)
            {
                AddMaskGradient(batch, head, query, queries, key, keys, dScores);
                if (o.Scale != 1) VectorRow.Scale(dScores, dScores, keys * lanes, o.Scale);
            }

            MatrixTile.Short(keys, shape.HeadDim, queries, dScores, lanes, o.QAt(batch, head, query), o.QRow, dk, o.GradientRow, query > 0);
            MatrixTile.InPlace(queries, shape.HeadDim, keys, dScores, 1, lanes, o.KAt(batch, head, key), o.KRow, dq, o.GradientRow,
                key > 0);
        }

        private readonly void AddMaskGradient(int batch, int head, int query, int queries, int key, int keys, float* dScores)
        {
            var sameForAll = Operands.MaskShape.Queries == 1;
            for (var i = 0; i < queries; i++)
            {
                var row = Operands.GradientMask + Operands.MaskAt(batch, head, sameForAll ? 0 : query + i) + key;
                for (nint j = 0; j < keys; j++) row[j] += dScores[j * AttentionTile.Queries + i];
            }
        }
    }
}
