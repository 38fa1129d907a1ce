namespace CrossModal.Engine.Kernels;

internal static unsafe partial class SparseAttention
{
    /// <summary>
    /// The gradients of <see cref="Forward"/>: keys are chosen and weights computed again, nothing of the forward is needed; the choice
    /// itself has none. dq, dk and dv are dense and overwritten; dMask has the mask's shape or is empty, and is overwritten. Batches and
    /// heads are shared out over the threads, all of them to one where the mask's gradient is wanted, so the bits do not depend on their
    /// number.
    /// </summary>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static void Backward<TChoice, TScore>(in AttentionShape s, TChoice choice, TScore score, in SparseInputs operands,
        PairDropout dropout, ReadOnlySpan<float> dOutput, in SparseGradients gradients, Workers workers)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        Check<TChoice>(s, operands);
        var dq = gradients.Q;
        var dk = gradients.K;
        var dv = gradients.V;
        var dMask = gradients.Mask;
        AttentionOperands.CheckDense("dOutput", dOutput.Length, (long)s.Batch * s.Queries, (long)s.Heads * s.ValueDim, false);
        AttentionOperands.CheckDense("dq", dq.Length, operands.Q.Length, 1, false);
        AttentionOperands.CheckDense("dk", dk.Length, operands.K.Length, 1, false);
        AttentionOperands.CheckDense("dv", dv.Length, operands.V.Length, 1, false);
        AttentionOperands.CheckDense("dMask", dMask.Length, operands.Mask.Length, 1, true);
        dq.Clear();
        dk.Clear();
        dv.Clear();
        dMask.Clear();
        if (s.Batch == 0 || s.Heads == 0 || s.Queries == 0) return;
        fixed (float* q = operands.Q, k = operands.K, v = operands.V, mask = operands.Mask, ids = operands.Ids, dy = dOutput, pdq = dq,
            pdk = dk, pdv = dv, pdmask = dMask)
        {
            var job = new BackwardJob<TChoice, TScore>
            {
                Operands = Operands(s, operands, q, k, v, mask),
                Choice = choice,
                Score = score,
                Dropout = dropout,
            };
            ref var o = ref job.Operands;
            o.GradientOutput = dy;
            o.GradientQ = pdq;
            o.GradientK = pdk;
            o.GradientV = pdv;
            o.GradientMask = pdmask;
            o.ValueRows = ValueRows<TChoice>(s, operands);
            o.Ids = ids;
            job.Choice.Begin(o);
            job.Parts = pdmask != null ? 1 : Math.Max(1, Math.Min(s.Batch * s.Heads, workers.Threads));
            workers.Run(job.Parts, ref job);
        }
    }

    private struct BackwardJob<TChoice, TScore> : IWorkBody
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        public AttentionOperands Operands;
        public TChoice Choice;
        public TScore Score;
        public PairDropout Dropout;
        public int Parts;

        public readonly void Execute(int part)
        {
            var shape = Operands.Shape;
            var row = new RowScratch(shape.Keys, Choice.Scratch(shape));
            var pairs = (long)shape.Batch * shape.Heads;
            var end = pairs * (part + 1) / Parts;
            for (var pair = pairs * part / Parts; pair < end; pair++)
            {
                var (batch, head) = ((int)(pair / shape.Heads), (int)(pair % shape.Heads));
                for (var query = 0; query < shape.Queries; query += AttentionTile.Queries)
                {
                    var queries = Math.Min(AttentionTile.Queries, shape.Queries - query);
                    Choice.Prepare(Operands, batch, head, query, queries, row.Choice);
                    for (var lane = 0; lane < queries; lane++) Query(batch, head, query + lane, lane, row);
                }
            }
        }

        private readonly void Query(int batch, int head, int query, int lane, in RowScratch row)
        {
            ref readonly var o = ref Operands;
            var sum = Row(o, Choice, Score, batch, head, query, lane, row, out var count);
            if (count == 0) return;
            var width = o.Shape.ValueDim;
            var at = o.RowAt(batch, head, query) * o.Shape.Keys;
            var dy = o.GradientOutput + o.OutputAt(batch, head, query);
            nint first = ((nint)batch * o.ValueRows * o.Shape.Heads + head) * width;
            var v = o.V + first;
            var dv = o.GradientV + first;
            for (var n = 0; n < count; n++) row.Gradients[n] = VectorRow.Dot(dy, v + row.Places[n] * o.VRow, width);
            Dropout.Apply(at, row.Keys, row.Gradients, count);

            // The mean is divided by the sum of the exponentials themselves, so that equal gradients cancel to the last bit.
            var mean = VectorRow.Dot(row.Scores, row.Gradients, count) / sum;
            VectorRow.Scale(row.Scores, row.Scores, count, 1 / sum);
            for (var n = 0; n < count; n++) row.Gradients[n] = row.Scores[n] * (row.Gradients[n] - mean);
            Dropout.Apply(at, row.Keys, row.Scores, count);
            for (var n = 0; n < count; n++)
                if (row.Scores[n] != 0) VectorRow.AddScaled(dv + row.Places[n] * o.VRow, dy, width, row.Scores[n]);
            Score.Backward(o, batch, head, query, row.Keys, count, row.Gradients);
            if (o.GradientMask == null) return;
            var dMask = o.GradientMask + o.MaskAt(batch, head, query);
            for (var n = 0; n < count; n++) dMask[row.Keys[n]] += row.Gradients[n];
        }
    }
}
