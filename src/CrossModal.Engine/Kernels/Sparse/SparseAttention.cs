using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head (Dv of a value head).

/// <summary>softmax over a chosen few of the keys, for every query on its own: keys that were not chosen are never touched.</summary>
internal static unsafe partial class SparseAttention
{
    // About 4 microseconds of one thread.
    private const double FlopsWorthAThread = 1 << 15;

    /// <summary>
    /// Attention of q [B, Nq, H D] over the chosen of k [B, Nk, H D] and v [B, Nk, H Dv] into output [B, Nq, H Dv], all dense.
    /// The mask is added to the scores; a key of -infinity is as if it had not been chosen, a query without a key gives zeros.
    /// <paramref name="weights"/> [B, H, Nq, Nk], before dropout, are filled unless empty.
    /// </summary>
    /// <param name="s">Sizes.</param>
    /// <param name="choice">Which keys.</param>
    /// <param name="score">How scores are computed.</param>
    /// <param name="operands">What is read.</param>
    /// <param name="dropout">What is dropped of the weights.</param>
    /// <param name="workPerQuery">About how many multiply-adds a query and head cost: how work is shared out.</param>
    /// <param name="output">The result.</param>
    /// <param name="weights">The weights, or empty.</param>
    /// <param name="workers">Threads.</param>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static void Forward<TChoice, TScore>(in AttentionShape s, TChoice choice, TScore score, in SparseInputs operands,
        PairDropout dropout, double workPerQuery, Span<float> output, Span<float> weights, Workers workers)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        Check<TChoice>(s, operands);
        AttentionOperands.CheckDense("output", output.Length, (long)s.Batch * s.Queries, (long)s.Heads * s.ValueDim, false);
        AttentionOperands.CheckDense("weights", weights.Length, (long)s.Batch * s.Heads * s.Queries, s.Keys, true);
        if (s.Batch == 0 || s.Heads == 0 || s.Queries == 0) return;
        fixed (float* q = operands.Q, k = operands.K, v = operands.V, mask = operands.Mask, ids = operands.Ids, py = output,
            pweights = weights)
        {
            var job = new ForwardJob<TChoice, TScore>
            {
                Operands = Operands(s, operands, q, k, v, mask),
                Choice = choice,
                Score = score,
                Dropout = dropout,
            };
            job.Operands.Output = py;
            job.Operands.Weights = pweights;
            job.Operands.ValueRows = ValueRows<TChoice>(s, operands);
            job.Operands.Ids = ids;
            job.Choice.Begin(job.Operands);
            var items = (long)s.Batch * s.Heads * job.Tiles;
            job.Parts = (int)Math.Clamp(workPerQuery * s.Batch * s.Heads * s.Queries / FlopsWorthAThread, 1,
                Math.Max(1, Math.Min(items, workers.Threads)));
            job.Items = items;
            workers.Run(job.Parts, ref job);
        }
    }

    private static void Check<TChoice>(in AttentionShape s, in SparseInputs x)
        where TChoice : struct, IKeyChoice
    {
        var values = ValueRows<TChoice>(s, x);
        AttentionOperands.Check(s, x.Q.Length, s.Heads * s.HeadDim, x.K.Length, s.Heads * s.HeadDim,
            s.Batch * s.Keys * s.Heads * s.ValueDim,
            s.Heads * s.ValueDim, x.Mask.Length, x.MaskShape, 0, "output", s.Batch * s.Queries * s.Heads * s.ValueDim, 0);
        AttentionOperands.CheckDense("v", x.V.Length, (long)s.Batch * values, (long)s.Heads * s.ValueDim, false);
    }

    private static int ValueRows<TChoice>(in AttentionShape s, in SparseInputs x)
        where TChoice : struct, IKeyChoice => TChoice.ValuesGathered && s.Batch > 0 ? x.Ids.Length / s.Batch : s.Keys;

    private static AttentionOperands Operands(in AttentionShape s, in SparseInputs x, float* q, float* k, float* v, float* mask) => new()
    {
        Shape = s,
        MaskShape = x.MaskShape,
        Scale = x.Scale,
        Q = q,
        K = k,
        V = v,
        Mask = mask,
        QRow = s.Heads * s.HeadDim,
        KRow = s.Heads * s.HeadDim,
        VRow = s.Heads * s.ValueDim,
    };

    /// <summary>The keys a query really attends to, with their scores, places in the values, and e^(score - maximum); the sum of these, 0
    /// for none.</summary>
    private static float Row<TChoice, TScore>(in AttentionOperands o, TChoice choice, TScore score, int batch, int head, int query,
        int lane,
        in RowScratch row, out int count)
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        count = choice.Choose(o, batch, head, query, lane, row.Keys, row.Choice);
        for (var n = 0; n < count; n++) row.Places[n] = TChoice.ValuesGathered ? n : row.Keys[n];
        if (o.Mask != null)
        {
            var mask = o.Mask + o.MaskAt(batch, head, query);
            var kept = 0;
            for (var n = 0; n < count; n++)
            {
                if (float.IsNegativeInfinity(mask[row.Keys[n]])) continue;
                (row.Keys[kept], row.Places[kept]) = (row.Keys[n], row.Places[n]);
                kept++;
            }

            count = kept;
            score.Score(o, batch, head, query, row.Keys, count, row.Scores);
            for (var n = 0; n < count; n++) row.Scores[n] += mask[row.Keys[n]];
        }
        else
        {
            score.Score(o, batch, head, query, row.Keys, count, row.Scores);
        }

        if (count == 0) return 0;
        return VectorRow.ExpSum(row.Scores, row.Scores, count, VectorRow.Max(row.Scores, count));
    }

    /// <summary>The scratch of one thread for one query at a time.</summary>
    private readonly struct RowScratch
    {
        public readonly int* Keys, Places;
        public readonly float* Scores, Gradients, Choice;

        public RowScratch(int keys, long choice)
        {
            var room = ((long)keys + 15) / 16 * 16;
            var memory = PackingBuffer.Rent(PackingBuffer.Tiles, 4 * room + choice);
            Keys = (int*)memory;
            Places = (int*)memory + room;
            Scores = memory + 2 * room;
            Gradients = memory + 3 * room;
            Choice = memory + 4 * room;
        }
    }

    private struct ForwardJob<TChoice, TScore> : IWorkBody
        where TChoice : struct, IKeyChoice
        where TScore : struct, IPairScore
    {
        public AttentionOperands Operands;
        public TChoice Choice;
        public TScore Score;
        public PairDropout Dropout;
        public long Items;
        public int Parts;

        public readonly int Tiles => (Operands.Shape.Queries + AttentionTile.Queries - 1) / AttentionTile.Queries;

        public readonly void Execute(int part)
        {
            var shape = Operands.Shape;
            var row = new RowScratch(shape.Keys, Choice.Scratch(shape));
            var end = Items * (part + 1) / Parts;
            for (var item = Items * part / Parts; item < end; item++)
            {
                var (pair, query) = (item / Tiles, (int)(item % Tiles) * AttentionTile.Queries);
                var (batch, head) = ((int)(pair / shape.Heads), (int)(pair % shape.Heads));
                var queries = Math.Min(AttentionTile.Queries, shape.Queries - query);
                Choice.Prepare(Operands, batch, head, query, queries, row.Choice);
                for (var lane = 0; lane < queries; lane++) Query(batch, head, query + lane, lane, row);
            }
        }

        private readonly void Query(int batch, int head, int query, int lane, in RowScratch row)
        {
            ref readonly var o = ref Operands;
            var sum = Row(o, Choice, Score, batch, head, query, lane, row, out var count);
            if (count > 0) VectorRow.Scale(row.Scores, row.Scores, count, 1 / sum);
            var at = o.RowAt(batch, head, query);
            if (o.Weights != null)
            {
                var weights = o.Weights + at * o.Shape.Keys;
                new Span<float>(weights, o.Shape.Keys).Clear();
                for (var n = 0; n < count; n++) weights[row.Keys[n]] = row.Scores[n];
            }

            Dropout.Apply(at * o.Shape.Keys, row.Keys, row.Scores, count);
            Mix(o, batch, head, row, count, o.Output + o.OutputAt(batch, head, query));
        }

        /// <summary>output = the sum of the chosen values by their weights.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Mix(in AttentionOperands o, int batch, int head, in RowScratch row, int count, float* output)
        {
            nint width = o.Shape.ValueDim;
            var values = o.V + ((nint)batch * o.ValueRows * o.Shape.Heads + head) * width;
            nint c = 0;
            for (; c + 16 <= width; c += 16)
            {
                Vector256<float> first = default, second = default;
                for (var n = 0; n < count; n++)
                {
                    var v = values + row.Places[n] * o.VRow + c;
                    var weight = Vector256.Create(row.Scores[n]);
                    first = Vector256.MultiplyAddEstimate(weight, Vector256.Load(v), first);
                    second = Vector256.MultiplyAddEstimate(weight, Vector256.Load(v + 8), second);
                }

                first.Store(output + c);
                second.Store(output + c + 8);
            }

            for (; c + 8 <= width; c += 8)
            {
                Vector256<float> sum = default;
                for (var n = 0; n < count; n++)
                    sum = Vector256.MultiplyAddEstimate(Vector256.Create(row.Scores[n]),
                        Vector256.Load(values + row.Places[n] * o.VRow + c), sum);
                sum.Store(output + c);
            }

            for (; c < width; c++)
            {
                float sum = 0;
                for (var n = 0; n < count; n++) sum += row.Scores[n] * values[row.Places[n] * o.VRow + c];
                output[c] = sum;
            }
        }
    }
}
