using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class LayerNormKernel
{
    /// <summary>
    /// The gradients of <see cref="Forward"/>, all overwritten: with h = (x - mean) inverseDeviation and g = dy gamma,
    /// dx = inverseDeviation (g - mean(g) - h mean(g h)), dgamma = sum over rows of dy h, dbeta = sum over rows of dy.
    /// gamma, dx, dgamma and dbeta may be empty; dx is added to if <paramref name="accumulate"/>. Sums over rows depend on the thread
    /// count, not on timing. dx may be dy.
    /// </summary>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public static void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gamma, ReadOnlySpan<float> mean, ReadOnlySpan<float> inverseDeviation,
        ReadOnlySpan<float> dy, Span<float> dx, Span<float> dgamma, Span<float> dbeta, int rows, int d, bool accumulate, Workers workers)
    {
        RowSplit.Check("LayerNorm", "x", x.Length, rows, d);
        RowSplit.Check("LayerNorm", "gamma", gamma.Length, 1, d, mayBeEmpty: true);
        RowSplit.Check("LayerNorm", "mean", mean.Length, rows, 1);
        RowSplit.Check("LayerNorm", "inverseDeviation", inverseDeviation.Length, rows, 1);
        RowSplit.Check("LayerNorm", "dy", dy.Length, rows, d);
        RowSplit.Check("LayerNorm", "dx", dx.Length, rows, d, mayBeEmpty: true);
        RowSplit.Check("LayerNorm", "dgamma", dgamma.Length, 1, d, mayBeEmpty: true);
        RowSplit.Check("LayerNorm", "dbeta", dbeta.Length, 1, d, mayBeEmpty: true);
        if (x.IsEmpty)
        {
            dgamma.Clear();
            dbeta.Clear();
            return;
        }

        var parts = RowSplit.Parts(rows, d, workers);
        var stride = (d + 7L) / 8 * 8;
        fixed (float* px = x, pgamma = gamma, pmean = mean, pinverse = inverseDeviation, pdy = dy, pdx = dx)
        {
            var job = new BackwardJob
            {
                X = px,
                Gamma = pgamma,
                Mean = pmean,
                Inverse = pinverse,
                GradientY = pdy,
                GradientX = pdx,
                Partial = PackingBuffer.Rent(PackingBuffer.Tiles, 2 * stride * parts),
                Stride = (nint)stride,
                Rows = rows,
                D = d,
                Parts = parts,
                WantsParameters = !(dgamma.IsEmpty && dbeta.IsEmpty),
                Accumulate = accumulate,
            };
            workers.Run(parts, ref job);
            job.AddUp(dgamma, 0);
            job.AddUp(dbeta, job.Stride);
        }
    }

    private struct BackwardJob : IWorkBody
    {
        public float* X, Gamma, Mean, Inverse, GradientY, GradientX, Partial;
        public nint Stride;
        public int Rows, D, Parts;
        public bool WantsParameters, Accumulate;

        public readonly void Execute(int part)
        {
            var dgamma = Partial + 2 * Stride * part;
            if (WantsParameters) new Span<float>(dgamma, (int)(2 * Stride)).Clear();
            var (start, end) = RowSplit.Range(Rows, part, Parts);
            for (nint row = start; row < end; row++)
            {
                var dx = GradientX == null ? null : GradientX + row * D;
                if (D % 8 == 0 && dx != null && Gamma != null && WantsParameters)
                    WholeRow(X + row * D, GradientY + row * D, dx, Mean[row], Inverse[row], dgamma);
                else BackwardRow(X + row * D, GradientY + row * D, dx, Mean[row], Inverse[row], dgamma, dgamma + Stride);
            }
        }

        /// <summary>Sums what the parts collected, in their order.</summary>
        public readonly void AddUp(Span<float> total, nint offset)
        {
            for (var i = 0; i < total.Length; i++)
            {
                var sum = 0f;
                for (var part = 0; part < Parts; part++) sum += Partial[2 * Stride * part + offset + i];
                total[i] = sum;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void BackwardRow(float* x, float* dy, float* dx, float mean, float inverse, float* dgamma, float* dbeta)
        {
            var gamma = Gamma;
            var n = D;
            var center = Vector256.Create(mean);
            var (sum, sumH) = (Vector256<float>.Zero, Vector256<float>.Zero);
            for (nint i = 0; i < n; i += 8)
            {
                var whole = i + 8 <= n;
                var rest = (int)(n - i);
                var h = ((whole ? Vector256.Load(x + i) : VectorTail.Load(x + i, rest, mean)) - center) * inverse;
                var g = whole ? Vector256.Load(dy + i) : VectorTail.Load(dy + i, rest);
                if (WantsParameters)
                {
                    // The partial sums are padded to whole vectors.
                    Vector256.MultiplyAddEstimate(g, h, Vector256.Load(dgamma + i)).Store(dgamma + i);
                    (g + Vector256.Load(dbeta + i)).Store(dbeta + i);
                }

                if (gamma != null) g *= whole ? Vector256.Load(gamma + i) : VectorTail.Load(gamma + i, rest);
                sum += g;
                sumH = Vector256.MultiplyAddEstimate(g, h, sumH);
            }

            if (dx == null) return;
            var meanG = Vector256.Create(Vector256.Sum(sum) / n);
            var meanGh = Vector256.Create(Vector256.Sum(sumH) / n);
            for (nint i = 0; i < n; i += 8)
            {
                var whole = i + 8 <= n;
                var rest = (int)(n - i);
                var h = ((whole ? Vector256.Load(x + i) : VectorTail.Load(x + i, rest)) - center) * inverse;
                var g = whole ? Vector256.Load(dy + i) : VectorTail.Load(dy + i, rest);
                if (gamma != null) g *= whole ? Vector256.Load(gamma + i) : VectorTail.Load(gamma + i, rest);
                var value = (g - meanG - h * meanGh) * inverse;
                if (Accumulate) value += whole ? Vector256.Load(dx + i) : VectorTail.Load(dx + i, rest);
                if (whole) value.Store(dx + i);
                else VectorTail.Store(value, dx + i, rest);
            }
        }

        /// <summary>A row of whole vectors for which everything is wanted: what training asks for.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void WholeRow(float* x, float* dy, float* dx, float mean, float inverse, float* dgamma)
        {
            var gamma = Gamma;
            var dbeta = dgamma + Stride;
            nint n = D;
            var center = Vector256.Create(mean);
            var factor = Vector256.Create(inverse);
            var (sum, sumH) = (Vector256<float>.Zero, Vector256<float>.Zero);
            for (nint i = 0; i < n; i += 8)
            {
                var h = (Vector256.Load(x + i) - center) * factor;
                var g = Vector256.Load(dy + i);
                Vector256.MultiplyAddEstimate(g, h, Vector256.Load(dgamma + i)).Store(dgamma + i);
                (g + Vector256.Load(dbeta + i)).Store(dbeta + i);
                g *= Vector256.Load(gamma + i);
                sum += g;
                sumH = Vector256.MultiplyAddEstimate(g, h, sumH);
            }

            var meanG = Vector256.Create(Vector256.Sum(sum) / n);
            var meanGh = Vector256.Create(Vector256.Sum(sumH) / n);
            var accumulate = Accumulate;
            nint j = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                var (wideCenter, wideFactor) = (Vector512.Create(mean), Vector512.Create(inverse));
                var (wideG, wideGh) = (Vector512.Create(meanG, meanG), Vector512.Create(meanGh, meanGh));
                for (; j + 16 <= n; j += 16)
                {
                    var h = (Vector512.Load(x + j) - wideCenter) * wideFactor;
                    var value = (Vector512.Load(dy + j) * Vector512.Load(gamma + j) - wideG - h * wideGh) * wideFactor;
                    if (accumulate) value += Vector512.Load(dx + j);
                    value.Store(dx + j);
                }
            }

            for (; j < n; j += 8)
            {
                var h = (Vector256.Load(x + j) - center) * factor;
                var value = (Vector256.Load(dy + j) * Vector256.Load(gamma + j) - meanG - h * meanGh) * factor;
                if (accumulate) value += Vector256.Load(dx + j);
                value.Store(dx + j);
            }
        }
    }
}
