namespace CrossModal.Engine.Kernels;

internal static unsafe partial class AttentionKernel
{
    /// <summary>
    /// The gradients of <see cref="Forward"/>, with the probabilities computed again from <paramref name="logSumExp"/>.
    /// dq [B, Nq, H D], dk [B, Nk, H D] and dv [B, Nk, H Dv] are dense and overwritten; <paramref name="dMask"/> has the mask's
    /// shape or is empty, is overwritten, and gets 0 where the mask is -infinity. Batches and heads are shared out over the
    /// threads (those that share a slice of dMask stay together), so the bits do not depend on the number of threads.
    /// </summary>
    /// <exception cref="ArgumentException">A size, stride or length does not fit the shape.</exception>
    public static void Backward(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, ReadOnlySpan<float> k, int kRow, ReadOnlySpan<float> v, int vRow,
        ReadOnlySpan<float> mask, in MaskShape maskShape, ReadOnlySpan<float> dropout, ReadOnlySpan<float> output, ReadOnlySpan<float> logSumExp,
        ReadOnlySpan<float> dOutput, Span<float> dq, Span<float> dk, Span<float> dv, Span<float> dMask, Workers workers)
    {
        AttentionOperands.Check(s, q.Length, qRow, k.Length, kRow, v.Length, vRow, mask.Length, maskShape, dropout.Length,
            output.Length, logSumExp.Length, 0);
        AttentionOperands.CheckDense("logSumExp", logSumExp.Length, (long)s.Batch * s.Heads, s.Queries, false);
        AttentionOperands.CheckDense("dOutput", dOutput.Length, (long)s.Batch * s.Queries, (long)s.Heads * s.ValueDim, false);
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

        fixed (float* pq = q, pk = k, pv = v, pmask = mask, pdropout = dropout, poutput = output, plog = logSumExp,
            pdoutput = dOutput, pdq = dq, pdk = dk, pdv = dv, pdmask = dMask)
        {
            var job = new BackwardJob
            {
                Operands = new AttentionOperands
                {
                    Shape = s, MaskShape = maskShape, Scale = scale, Q = pq, QRow = qRow, K = pk, KRow = kRow, V = pv, VRow = vRow,
                    Mask = pmask, Dropout = pdropout, Output = poutput, LogSumExp = plog, GradientOutput = pdoutput,
                    GradientQ = pdq, GradientK = pdk, GradientV = pdv, GradientMask = pdmask,
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
            var scratch = PackingBuffer.Rent(PackingBuffer.Tiles, lanes * ((long)shape.HeadDim + shape.ValueDim + 3 * AttentionTile.Keys + 2));
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
            var logSumExp = scratch;
            var delta = logSumExp + lanes;
            var p = delta + lanes;
            var dp = p + lanes * AttentionTile.Keys;
            var extra = dp + lanes * AttentionTile.Keys;
            var qPanel = extra + lanes * AttentionTile.Keys;
            var gradientPanel = qPanel + lanes * shape.HeadDim;
            var q = o.QAt(batch, head, query);
            var dOutput = o.GradientOutput + o.OutputAt(batch, head, query);
            var output = o.Output + o.OutputAt(batch, head, query);
            for (var i = 0; i < lanes; i++)
            {
                logSumExp[i] = i < queries ? o.LogSumExp[o.RowAt(batch, head, query + i)] : float.PositiveInfinity;
                delta[i] = i < queries ? VectorRow.Dot(dOutput + i * o.OutputRow, output + i * o.OutputRow, shape.ValueDim) : 0;
            }

            AttentionTile.Transpose(queries, shape.HeadDim, q, o.QRow, qPanel, o.Scale);
            AttentionTile.Transpose(queries, shape.ValueDim, dOutput, o.OutputRow, gradientPanel, 1);
            var dq = o.GradientQ + ((nint)batch * shape.Queries + query) * o.GradientRow + (nint)head * shape.HeadDim;
            for (var key = 0; key < shape.Keys; key += AttentionTile.Keys)
            {
                var keys = Math.Min(AttentionTile.Keys, shape.Keys - key);
                var k = o.KAt(batch, head, key);
                AttentionTile.Scores(keys, queries, shape.HeadDim, k, o.KRow, qPanel, p);
                AddMask(o, batch, head, query, queries, key, keys, p, extra);
                AttentionTile.Probabilities(keys, p, logSumExp);
                AttentionTile.Scores(keys, queries, shape.ValueDim, o.VAt(batch, head, key), o.VRow, gradientPanel, dp);
                if (queries > 8) AttentionTile.Probabilities(keys, p + 8, logSumExp + 8);
                if (o.Dropout != null)
                {
                    AttentionTile.Transpose(queries, keys, o.Dropout + o.RowAt(batch, head, query) * shape.Keys + key, shape.Keys, extra, 1);
                    AttentionTile.Multiply(keys, dp, extra);
                }

                AttentionTile.ScoreGradient(keys, p, dp, delta);
                if (queries > 8) AttentionTile.ScoreGradient(keys, p + 8, dp + 8, delta + 8);
                if (o.Dropout != null) AttentionTile.Multiply(keys, p, extra);
                var token = (nint)batch * shape.Keys + key;
                MatrixTile.InPlace(keys, shape.ValueDim, queries, p, lanes, 1, dOutput, o.OutputRow,
                    o.GradientV + token * o.OutputRow + (nint)head * shape.ValueDim, o.OutputRow, query > 0);
                AddMaskGradient(batch, head, query, queries, key, keys, dp);
                if (o.Scale != 1) VectorRow.Scale(dp, dp, keys * lanes, o.Scale);
                MatrixTile.InPlace(keys, shape.HeadDim, queries, dp, lanes, 1, q, o.QRow,
                    o.GradientK + token * o.GradientRow + (nint)head * shape.HeadDim, o.GradientRow, query > 0);
                MatrixTile.InPlace(queries, shape.HeadDim, keys, dp, 1, lanes, k, o.KRow, dq, o.GradientRow, key > 0);
            }
        }

        private readonly void AddMaskGradient(int batch, int head, int query, int queries, int key, int keys, float* dScores)
        {
            if (Operands.GradientMask == null) return;
            var sameForAll = Operands.MaskShape.Queries == 1;
            for (var i = 0; i < queries; i++)
            {
                var row = Operands.GradientMask + Operands.MaskAt(batch, head, sameForAll ? 0 : query + i) + key;
                for (nint j = 0; j < keys; j++) row[j] += dScores[j * AttentionTile.Queries + i];
            }
        }
    }
}
