using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head (Dv of a value head).

/// <summary>
/// phi(q) (sum phi(k)^T v) / (phi(q) sum phi(k) + 1e-6) with phi = elu + 1, for every batch and head (Katharopoulos et al. 2020, eq. 5):
/// keys and values are summed once into a [D, Dv] matrix, so that nothing of size Nq x Nk exists unless the weights are asked for.
/// </summary>
/// <remarks>Scores are not divided by the root of the width. A mask multiplies phi(k) by e^mask: by 0 where it is -infinity.</remarks>
internal static unsafe partial class LinearAttention
{
    /// <summary>What is added to the divisor.</summary>
    public const float Epsilon = 1e-6f;

    private const int Chunk = 128;
    private const double FlopsWorthAThread = 1 << 17;

    /// <summary>
    /// Attention of dense q [B, Nq, H D] over k [B, Nk, H D] and v [B, Nk, H Dv] into output [B, Nq, H Dv]; the mask has one row for all
    /// queries, or is empty; <paramref name="weights"/> [B, H, Nq, Nk] are filled unless empty. A query that nothing is left for gives
    /// zeros.
    /// </summary>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static void Forward(in AttentionShape s, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> mask,
        in MaskShape maskShape, Span<float> output, Span<float> weights, Workers workers)
    {
        Check(s, q.Length, k.Length, v.Length, mask.Length, maskShape, output.Length, weights.Length);
        if (s.Batch == 0 || s.Heads == 0 || s.Queries == 0) return;
        fixed (float* pq = q, pk = k, pv = v, pmask = mask, py = output, pweights = weights)
        {
            var job = new ForwardJob { Operands = Operands(s, maskShape, pq, pk, pv, pmask) };
            job.Operands.Output = py;
            job.Operands.Weights = pweights;
            job.Parts = Parts(s, 1, workers);
            workers.Run(job.Parts, ref job);
        }
    }

    private static void Check(in AttentionShape s, int q, int k, int v, int mask, in MaskShape maskShape, int output, int weights)
    {
        AttentionOperands.Check(s, q, s.Heads * s.HeadDim, k, s.Heads * s.HeadDim, v, s.Heads * s.ValueDim, mask, maskShape, 0, "output",
            output, weights);
        if (mask > 0 && maskShape.Queries != 1)
            throw new ArgumentException($"LinearAttention: the mask must be the same for all queries, got {maskShape}");
    }

    private static int Parts(in AttentionShape s, int times, Workers workers)
    {
        var flops = 2.0 * times * s.Batch * s.Heads * ((double)s.Queries + s.Keys) * s.HeadDim * (s.ValueDim + 8.0);
        return (int)Math.Clamp(flops / FlopsWorthAThread, 1, Math.Max(1, Math.Min((long)s.Batch * s.Heads, workers.Threads)));
    }

    private static AttentionOperands Operands(in AttentionShape s, in MaskShape maskShape, float* q, float* k, float* v, float* mask) =>
        new()
        {
            Shape = s,
            MaskShape = maskShape,
            Scale = 1,
            Q = q,
            K = k,
            V = v,
            Mask = mask,
            QRow = s.Heads * s.HeadDim,
            KRow = s.Heads * s.HeadDim,
            VRow = s.Heads * s.ValueDim,
        };

    /// <summary>to = factor * phi(from), rows of the head's width, dense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Feature(int rows, int width, float* from, nint fromRow, float* to)
    {
        for (var r = 0; r < rows; r++)
        {
            var x = from + r * fromRow;
            var y = to + (nint)r * width;
            nint i = 0;
            for (; i + 8 <= width; i += 8) Feature(Vector256.Load(x + i)).Store(y + i);
            if (i < width) VectorTail.Store(Feature(VectorTail.Load(x + i, (int)(width - i))), y + i, (int)(width - i));
        }
    }

    /// <summary>elu(x) + 1: x + 1 above 0, e^x below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Feature(Vector256<float> x) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), x + Vector256<float>.One,
            VectorMath.ExpFlushed(Vector256.MinNative(Vector256<float>.Zero, x)));

    /// <summary>C[m, n] (+)= A B for operands in memory of this thread's own job.</summary>
    private static void Product(int m, int n, int k, float* a, nint aRow, nint aCol, float* b, nint bRow, nint bCol, float* c, nint cRow,
        bool accumulate) =>
        MatrixProduct.Run(m, n, k, new ReadOnlySpan<float>(a, Extent(m, aRow, k, aCol)), (int)aRow, (int)aCol,
            new ReadOnlySpan<float>(b, Extent(k, bRow, n, bCol)), (int)bRow, (int)bCol, new Span<float>(c, Extent(m, cRow, n, 1)),
                (int)cRow,
            default, accumulate, Workers.Single);

    private static int Extent(int rows, nint row, int columns, nint column) =>
        rows == 0 || columns == 0 ? 0 : (int)((rows - 1) * row + (columns - 1) * column + 1);

    /// <summary>phi of a chunk of keys, each times e^mask.</summary>
    private static void KeyFeatures(in AttentionOperands o, int batch, int head, int key, int keys, float* to)
    {
        Feature(keys, o.Shape.HeadDim, o.KAt(batch, head, key), o.KRow, to);
        if (o.Mask == null) return;
        var mask = o.Mask + o.MaskAt(batch, head, 0) + key;
        for (var j = 0; j < keys; j++)
        {
            var row = to + (nint)j * o.Shape.HeadDim;

            // Zeros, not a product with 0: what stands in the padding may be anything.
            if (float.IsNegativeInfinity(mask[j])) new Span<float>(row, o.Shape.HeadDim).Clear();
            else if (mask[j] != 0) VectorRow.Scale(row, row, o.Shape.HeadDim, MathF.Exp(mask[j]));
        }
    }

    /// <summary>sums [D, Dv] = sum of phi(k)^T v, total [D] = sum of phi(k).</summary>
    private static void Summarize(in AttentionOperands o, int batch, int head, float* features, float* sums, float* total)
    {
        var (width, valueWidth) = (o.Shape.HeadDim, o.Shape.ValueDim);
        new Span<float>(total, width).Clear();
        new Span<float>(sums, width * valueWidth).Clear();
        for (var key = 0; key < o.Shape.Keys; key += Chunk)
        {
            var keys = Math.Min(Chunk, o.Shape.Keys - key);
            KeyFeatures(o, batch, head, key, keys, features);
            Product(width, valueWidth, keys, features, 1, width, o.VAt(batch, head, key), o.VRow, 1, sums, valueWidth, accumulate: true);

            // The chunk's own sum first: beside the sum of many thousand keys a single one would be rounded away.
            for (var j = 1; j < keys; j++) VectorRow.AddScaled(features, features + (nint)j * width, width, 1);
            VectorRow.AddScaled(total, features, width, 1);
        }
    }

    private struct ForwardJob : IWorkBody
    {
        public AttentionOperands Operands;
        public int Parts;

        public readonly void Execute(int part)
        {
            ref readonly var o = ref Operands;
            var (width, valueWidth) = (o.Shape.HeadDim, o.Shape.ValueDim);
            var features = PackingBuffer.Rent(PackingBuffer.Summaries, 2L * Chunk * width + (long)width * valueWidth + width + Chunk);
            var keyFeatures = features + (nint)Chunk * width;
            var sums = keyFeatures + (nint)Chunk * width;
            var total = sums + (nint)width * valueWidth;
            var inverse = total + width;
            var pairs = (long)o.Shape.Batch * o.Shape.Heads;
            var end = pairs * (part + 1) / Parts;
            for (var pair = pairs * part / Parts; pair < end; pair++)
            {
                var (batch, head) = ((int)(pair / o.Shape.Heads), (int)(pair % o.Shape.Heads));
                Summarize(o, batch, head, features, sums, total);
                for (var query = 0; query < o.Shape.Queries; query += Chunk)
                {
                    var queries = Math.Min(Chunk, o.Shape.Queries - query);
                    var output = o.Output + o.OutputAt(batch, head, query);
                    Feature(queries, width, o.QAt(batch, head, query), o.QRow, features);
                    Product(queries, valueWidth, width, features, width, 1, sums, valueWidth, 1, output, o.OutputRow, accumulate: false);
                    for (var i = 0; i < queries; i++)
                    {
                        inverse[i] = 1 / (VectorRow.Dot(features + (nint)i * width, total, width) + Epsilon);
                        VectorRow.Scale(output + i * o.OutputRow, output + i * o.OutputRow, valueWidth, inverse[i]);
                    }

                    if (o.Weights != null) Weights(batch, head, query, queries, features, keyFeatures, inverse);
                }
            }
        }

        private readonly void Weights(int batch, int head, int query, int queries, float* features, float* keyFeatures, float* inverse)
        {
            ref readonly var o = ref Operands;
            var (width, keysOfAll) = (o.Shape.HeadDim, o.Shape.Keys);
            var weights = o.Weights + o.RowAt(batch, head, query) * keysOfAll;
            for (var key = 0; key < keysOfAll; key += Chunk)
            {
                var keys = Math.Min(Chunk, keysOfAll - key);
                KeyFeatures(o, batch, head, key, keys, keyFeatures);
                Product(queries, keys, width, features, width, 1, keyFeatures, 1, width, weights + key, keysOfAll, accumulate: false);
            }

            for (nint i = 0; i < queries; i++) VectorRow.Scale(weights + i * keysOfAll, weights + i * keysOfAll, keysOfAll, inverse[i]);
        }
    }
}
