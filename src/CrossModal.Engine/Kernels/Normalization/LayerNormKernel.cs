using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Layer normalisation over the last axis of [rows, d] (Ba, Kiros and Hinton, 2016).</summary>
internal static unsafe partial class LayerNormKernel
{
    /// <summary>
    /// y = (x - mean) / sqrt(variance + eps) * gamma + beta with the biased variance in a second pass. gamma and beta are [d]
    /// or empty; mean and inverseDeviation, kept for the gradient, are [rows] or empty. A constant row gives exactly beta.
    /// y may be x.
    /// </summary>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public static void Forward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, Span<float> y,
        Span<float> mean, Span<float> inverseDeviation, int rows, int d, float eps, Workers workers)
    {
        RowSplit.Check("LayerNorm", "x", x.Length, rows, d);
        RowSplit.Check("LayerNorm", "y", y.Length, rows, d);
        RowSplit.Check("LayerNorm", "gamma", gamma.Length, 1, d, mayBeEmpty: true);
        RowSplit.Check("LayerNorm", "beta", beta.Length, 1, d, mayBeEmpty: true);
        RowSplit.Check("LayerNorm", "mean", mean.Length, rows, 1, mayBeEmpty: true);
        RowSplit.Check("LayerNorm", "inverseDeviation", inverseDeviation.Length, rows, 1, mayBeEmpty: true);
        if (x.IsEmpty) return;
        fixed (float* px = x, py = y, pgamma = gamma, pbeta = beta, pmean = mean, pinverse = inverseDeviation)
        {
            var job = new ForwardJob
            {
                X = px,
                Y = py,
                Gamma = pgamma,
                Beta = pbeta,
                Mean = pmean,
                Inverse = pinverse,
                Rows = rows,
                D = d,
                Eps = eps,
                Parts = RowSplit.Parts(rows, d, workers),
            };
            workers.Run(job.Parts, ref job);
        }
    }

    private struct ForwardJob : IWorkBody
    {
        public float* X, Y, Gamma, Beta, Mean, Inverse;
        public int Rows, D, Parts;
        public float Eps;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(Rows, part, Parts);
            for (nint row = start; row < end; row++)
            {
                var x = X + row * D;
                // Summing distances from the first element makes the mean of a constant row exact.
                var mean = x[0] + VectorRow.SumShifted(x, D, x[0]) / D;
                var inverse = 1 / MathF.Sqrt(SquaresAround(x, D, mean) / D + Eps);
                Normalize(x, Y + row * D, mean, inverse);
                if (Mean != null) Mean[row] = mean;
                if (Inverse != null) Inverse[row] = inverse;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Normalize(float* x, float* y, float mean, float inverse)
        {
            var gamma = Gamma;
            var beta = Beta;
            var n = D;
            nint i = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                for (; i + 16 <= n; i += 16)
                {
                    var value = (Vector512.Load(x + i) - Vector512.Create(mean)) * inverse;
                    if (gamma != null) value *= Vector512.Load(gamma + i);
                    if (beta != null) value += Vector512.Load(beta + i);
                    value.Store(y + i);
                }
            }

            for (; i + 8 <= n; i += 8)
            {
                var value = (Vector256.Load(x + i) - Vector256.Create(mean)) * inverse;
                if (gamma != null) value *= Vector256.Load(gamma + i);
                if (beta != null) value += Vector256.Load(beta + i);
                value.Store(y + i);
            }

            if (i == n) return;
            var rest = (int)(n - i);
            var last = (VectorTail.Load(x + i, rest) - Vector256.Create(mean)) * inverse;
            if (gamma != null) last *= VectorTail.Load(gamma + i, rest);
            if (beta != null) last += VectorTail.Load(beta + i, rest);
            VectorTail.Store(last, y + i, rest);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float SquaresAround(float* x, int n, float mean)
        {
            var center = Vector256.Create(mean);
            var (s0, s1) = (Vector256<float>.Zero, Vector256<float>.Zero);
            nint i = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                // The halves are the two sums below.
                var (both, from) = (Vector512<float>.Zero, Vector512.Create(mean));
                for (; i + 16 <= n; i += 16)
                {
                    var distance = Vector512.Load(x + i) - from;
                    both = Vector512.MultiplyAddEstimate(distance, distance, both);
                }

                (s0, s1) = (both.GetLower(), both.GetUpper());
            }

            for (; i + 16 <= n; i += 16)
            {
                var a = Vector256.Load(x + i) - center;
                var b = Vector256.Load(x + i + 8) - center;
                s0 = Vector256.MultiplyAddEstimate(a, a, s0);
                s1 = Vector256.MultiplyAddEstimate(b, b, s1);
            }

            for (; i < n; i += 8)
            {
                var a = (i + 8 <= n ? Vector256.Load(x + i) : VectorTail.Load(x + i, (int)(n - i), mean)) - center;
                s0 = Vector256.MultiplyAddEstimate(a, a, s0);
            }

            return Vector256.Sum(s0 + s1);
        }
    }
}
