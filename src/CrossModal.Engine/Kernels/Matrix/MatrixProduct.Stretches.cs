using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// Long sums into a small result, such as the gradient of a weight: k is cut into stretches that are summed apart and added in order.
/// A thread copies its own stretch of both operands, where blocks of the result would each copy a whole operand.
/// </summary>
internal static unsafe partial class MatrixProduct
{
    private const int StretchDepth = 1024;
    private const int MaxStretches = 4;

    /// <summary>How many stretches; from sizes and strides alone, so that the threads change no bit.</summary>
    private static int Stretches(in MatrixOperands o)
    {
        var isSmall = o.ACol != 1 && o.M > RowsReadInPlace && Math.Max(o.M, o.N) <= SmallResult;
        return isSmall && o.Flops >= MaxStretches * FlopsWorthAThread ? Math.Clamp(o.K / StretchDepth, 1, MaxStretches) : 1;
    }

    private static void RunStretches(in MatrixOperands operands, int stretches, Workers workers)
    {
        var job = new StretchJob { Operands = operands, Stretches = stretches };
        job.Sums = PackingBuffer.Rent(PackingBuffer.Stretches, (stretches - 1L) * operands.M * operands.N);
        workers.Run(stretches, ref job);
        var sum = new SumJob { Stretches = job, Parts = RowSplit.Parts(operands.M, operands.N, workers) };
        workers.Run(sum.Parts, ref sum);
    }

    /// <summary>The first stretch goes to C, the others to [M, N] each.</summary>
    private struct StretchJob : IWorkBody
    {
        public MatrixOperands Operands;
        public int Stretches;
        public float* Sums;

        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(Operands.K, part, Stretches);
            var one = Operands;
            one.A += start * one.ACol;
            one.B += start * one.BRow;
            one.K = end - start;
            if (part > 0)
            {
                one.C = Sums + (part - 1) * (nint)one.M * one.N;
                one.CRow = one.N;
                one.Bias = null;
                one.Accumulate = false;
            }

            RunTiles(one);
        }
    }

    /// <summary>Adds the other stretches to C, a block of rows a part.</summary>
    private struct SumJob : IWorkBody
    {
        public StretchJob Stretches;
        public int Parts;

        public readonly void Execute(int part)
        {
            var o = Stretches.Operands;
            var (start, end) = RowSplit.Range(o.M, part, Parts);
            var size = (nint)o.M * o.N;
            for (nint i = start; i < end; i++)
            {
                var c = o.C + i * o.CRow;
                var from = Stretches.Sums + i * o.N;
                var j = 0;
                for (; j + 8 <= o.N; j += 8)
                {
                    var sum = Vector256.Load(c + j);
                    for (var s = 0; s < Stretches.Stretches - 1; s++) sum += Vector256.Load(from + s * size + j);
                    sum.Store(c + j);
                }

                for (; j < o.N; j++)
                {
                    for (var s = 0; s < Stretches.Stretches - 1; s++) c[j] += from[s * size + j];
                }
            }
        }
    }
}
