namespace CrossModal.Engine.Kernels;

internal static unsafe partial class LinearAttention
{
    /// <summary>
    /// The gradients of <see cref="Forward"/>; its sums are computed again. dq, dk and dv are dense and overwritten; dMask has the mask's
    /// shape or is empty, and is overwritten. Batches and heads are shared out over the threads, all of them to one where dMask is wanted.
    /// </summary>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static void Backward(in AttentionShape s, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> mask,
        in MaskShape maskShape, ReadOnlySpan<float> dOutput, in SparseGradients gradients, Workers workers)
    {
        Check(s, q.Length, k.Length, v.Length, mask.Length, maskShape, dOutput.Length, 0);
        var dq = gradients.Q;
        var dk = gradients.K;
        var dv = gradients.V;
        var dMask = gradients.Mask;
        AttentionOperands.CheckDense("dq", dq.Length, q.Length, 1, false);
        AttentionOperands.CheckDense("dk", dk.Length, k.Length, 1, false);
        AttentionOperands.CheckDense("dv", dv.Length, v.Length, 1, false);
        AttentionOperands.CheckDense("dMask", dMask.Length, mask.Length, 1, true);
        dq.Clear();
        dk.Clear();
        dv.Clear();
        dMask.Clear();
        if (s.Batch == 0 || s.Heads == 0) return;
        fixed (float* pq = q, pk = k, pv = v, pmask = mask, dy = dOutput, pdq = dq, pdk = dk, pdv = dv, pdmask = dMask)
        {
            var job = new BackwardJob { Operands = Operands(s, maskShape, pq, pk, pv, pmask) };
            ref var o = ref job.Operands;
            o.GradientOutput = dy;
            o.GradientQ = pdq;
            o.GradientK = pdk;
            o.GradientV = pdv;
            o.GradientMask = pdmask;
            job.Parts = pdmask != null ? 1 : Parts(s, 3, workers);
            workers.Run(job.Parts, ref job);
        }
    }

    private struct BackwardJob : IWorkBody
    {
        public AttentionOperands Operands;
        public int Parts;

        public readonly void Execute(int part)
        {
            var shape = Operands.Shape;
            var (width, valueWidth) = (shape.HeadDim, shape.ValueDim);
            var scratch = new Scratch(width, valueWidth);
            var pairs = (long)shape.Batch * shape.Heads;
            var end = pairs * (part + 1) / Parts;
            for (var pair = pairs * part / Parts; pair < end; pair++)
            {
                var (batch, head) = ((int)(pair / shape.Heads), (int)(pair % shape.Heads));
                Summarize(Operands, batch, head, scratch.Features, scratch.Sums, scratch.Total);
                new Span<float>(scratch.SumsGradient, width * valueWidth).Clear();
                new Span<float>(scratch.TotalGradient, width).Clear();
                for (var query = 0; query < shape.Queries; query += Chunk) Queries(batch, head, query, scratch);
                for (var key = 0; key < shape.Keys; key += Chunk) Keys(batch, head, key, scratch);
            }
        }

        private readonly void Queries(int batch, int head, int query, in Scratch x)
        {
            ref readonly var o = ref Operands;
            var (width, valueWidth) = (o.Shape.HeadDim, o.Shape.ValueDim);
            var queries = Math.Min(Chunk, o.Shape.Queries - query);
            var q = o.QAt(batch, head, query);
            var dy = o.GradientOutput + o.OutputAt(batch, head, query);
            var dq = o.GradientQ + ((nint)batch * o.Shape.Queries + query) * o.GradientRow + (nint)head * width;
            Feature(queries, width, q, o.QRow, x.Features);
            Product(queries, valueWidth, width, x.Features, width, 1, x.Sums, valueWidth, 1, x.Values, valueWidth, accumulate: false);
            for (var i = 0; i < queries; i++)
            {
                // y = n / d: dn = dy / d and dd = -(dy . n) / d².
                var n = x.Values + (nint)i * valueWidth;
                var feature = x.Features + (nint)i * width;
                var gradient = dy + i * o.OutputRow;
                var inverse = 1 / (VectorRow.Dot(feature, x.Total, width) + Epsilon);
                x.Divisors[i] = -VectorRow.Dot(gradient, n, valueWidth) * inverse * inverse;
                VectorRow.Scale(gradient, n, valueWidth, inverse);
                VectorRow.AddScaled(x.TotalGradient, feature, width, x.Divisors[i]);
            }

            Product(width, valueWidth, queries, x.Features, 1, width, x.Values, valueWidth, 1, x.SumsGradient, valueWidth,
                accumulate: true);
            Product(queries, width, valueWidth, x.Values, valueWidth, 1, x.Sums, 1, valueWidth, dq, o.GradientRow, accumulate: false);
            for (var i = 0; i < queries; i++)
            {
                var row = dq + i * o.GradientRow;
                VectorRow.AddScaled(row, x.Total, width, x.Divisors[i]);
                Slope(width, q + i * o.QRow, x.Features + (nint)i * width, row);
            }
        }

        private readonly void Keys(int batch, int head, int key, in Scratch x)
        {
            ref readonly var o = ref Operands;
            var (width, valueWidth) = (o.Shape.HeadDim, o.Shape.ValueDim);
            var keys = Math.Min(Chunk, o.Shape.Keys - key);
            var k = o.KAt(batch, head, key);
            var token = (nint)batch * o.Shape.Keys + key;
            var dk = o.GradientK + token * o.GradientRow + (nint)head * width;
            KeyFeatures(o, batch, head, key, keys, x.Features);
            Product(keys, valueWidth, width, x.Features, width, 1, x.SumsGradient, valueWidth, 1,
                o.GradientV + token * o.OutputRow + (nint)head * valueWidth, o.OutputRow, accumulate: false);
            Product(keys, width, valueWidth, o.VAt(batch, head, key), o.VRow, 1, x.SumsGradient, 1, valueWidth, dk, o.GradientRow,
                accumulate: false);
            var mask = o.Mask == null ? null : o.Mask + o.MaskAt(batch, head, 0) + key;
            for (var j = 0; j < keys; j++)
            {
                var row = dk + j * o.GradientRow;
                var feature = x.Features + (nint)j * width;
                if (mask != null && float.IsNegativeInfinity(mask[j]))
                {
                    new Span<float>(row, width).Clear();
                    continue;
                }

                VectorRow.AddScaled(row, x.TotalGradient, width, 1);

                // The feature has e^mask in it already: what is left of the slope is 1 or e^mask above 0.
                if (o.GradientMask != null) o.GradientMask[o.MaskAt(batch, head, 0) + key + j] += VectorRow.Dot(row, feature, width);
                Slope(width, k + j * o.KRow, feature, row, mask == null ? 1 : MathF.Exp(mask[j]));
            }
        }

        /// <summary>Multiplies by the slope of factor * phi: factor above 0, the feature itself below.</summary>
        private static void Slope(int width, float* x, float* feature, float* gradient, float factor = 1)
        {
            for (var i = 0; i < width; i++) gradient[i] *= x[i] > 0 ? factor : feature[i];
        }
    }

    /// <summary>Memory of one thread.</summary>
    private readonly struct Scratch
    {
        public readonly float* Features, Values, Divisors, Sums, SumsGradient, Total, TotalGradient;

        public Scratch(int width, int valueWidth)
        {
            nint square = (nint)width * valueWidth;
            Features = PackingBuffer.Rent(PackingBuffer.Summaries, (long)Chunk * (width + valueWidth + 1) + 2 * square + 2L * width);
            Values = Features + (nint)Chunk * width;
            Divisors = Values + (nint)Chunk * valueWidth;
            Sums = Divisors + Chunk;
            SumsGradient = Sums + square;
            Total = SumsGradient + square;
            TotalGradient = Total + width;
        }
    }
}
