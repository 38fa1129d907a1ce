using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Element-wise functions and their gradients over spans; outputs may be the inputs' own memory.</summary>
internal static unsafe class Activations
{
    // About 3 to 10 microseconds of one thread.
    private const int ElementsWorthAThread = 1 << 14;

    /// <summary>y[i] = f(x[i]).</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Apply<TActivation>(ReadOnlySpan<float> x, Span<float> y, Workers workers)
        where TActivation : struct, IActivation
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"Activation {typeof(TActivation).Name}: {x.Length} inputs but {y.Length} outputs");
        fixed (float* px = x, py = y)
        {
            var job = new ForwardJob<TActivation> { X = px, Y = py, Length = x.Length, Parts = Parts(x.Length, workers) };
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>dx[i] = dy[i] * f'(x[i]), given y = f(x); dx is overwritten.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Backward<TActivation>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, Workers workers)
        where TActivation : struct, IActivation
    {
        if (x.Length != y.Length || x.Length != dy.Length || x.Length != dx.Length)
            throw new ArgumentException(
                $"Activation {typeof(TActivation).Name}: lengths differ: x {x.Length}, y {y.Length}, dy {dy.Length}, dx {dx.Length}");
        fixed (float* px = x, py = y, pdy = dy, pdx = dx)
        {
            var job = new BackwardJob<TActivation>
            {
                X = px,
                Y = py,
                GradientY = pdy,
                GradientX = pdx,
                Length = x.Length,
                Parts = Parts(x.Length, workers),
            };
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>y[i] = f(x[i]) and derivative[i] = f'(x[i]); the values are the bits of <see cref="Apply"/>.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void ApplyWithDerivative<TActivation>(ReadOnlySpan<float> x, Span<float> y, Span<float> derivative, Workers workers)
        where TActivation : struct, IActivationWithDerivative
    {
        if (x.Length != y.Length || x.Length != derivative.Length)
            throw new ArgumentException(
                $"Activation {typeof(TActivation).Name}: lengths differ: x {x.Length}, y {y.Length}, derivative {derivative.Length}");
        fixed (float* px = x, py = y, pd = derivative)
        {
            var job = new BothJob<TActivation> { X = px, Y = py, Derivative = pd, Length = x.Length, Parts = Parts(x.Length, workers) };
            workers.Run(job.Parts, ref job);
        }
    }

    private static int Parts(int length, Workers workers) => Math.Clamp(length / ElementsWorthAThread, 1, workers.Threads);

    private static (nint Start, nint End) Range(int length, int part, int parts)
    {
        // Whole vectors to each part, so only the last has a ragged end.
        var vectors = ((long)length + 7) / 8;
        return ((nint)(vectors * part / parts * 8), (nint)Math.Min(length, vectors * (part + 1) / parts * 8));
    }

    private struct ForwardJob<TActivation> : IWorkBody where TActivation : struct, IActivation
    {
        public float* X, Y;
        public int Length, Parts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int part)
        {
            var (i, end) = Range(Length, part, Parts);
            if (Vector512.IsHardwareAccelerated)
                for (; i + 16 <= end; i += 16) TActivation.Value(Vector512.Load(X + i)).Store(Y + i);
            for (; i + 8 <= end; i += 8) TActivation.Value(Vector256.Load(X + i)).Store(Y + i);
            if (i == end) return;
            var rest = (int)(end - i);
            VectorTail.Store(TActivation.Value(VectorTail.Load(X + i, rest, 1)), Y + i, rest);
        }
    }

    private struct BackwardJob<TActivation> : IWorkBody where TActivation : struct, IActivation
    {
        public float* X, Y, GradientY, GradientX;
        public int Length, Parts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int part)
        {
            var (i, end) = Range(Length, part, Parts);
            if (Vector512.IsHardwareAccelerated)
            {
                for (; i + 16 <= end; i += 16)
                {
                    var slope = TActivation.Derivative(Vector512.Load(X + i), Vector512.Load(Y + i));
                    (Vector512.Load(GradientY + i) * slope).Store(GradientX + i);
                }
            }

            for (; i + 8 <= end; i += 8)
                (Vector256.Load(GradientY + i) * TActivation.Derivative(Vector256.Load(X + i), Vector256.Load(Y + i))).Store(GradientX + i);
            if (i == end) return;
            var rest = (int)(end - i);
            var derivative = TActivation.Derivative(VectorTail.Load(X + i, rest, 1), VectorTail.Load(Y + i, rest, 1));
            VectorTail.Store(VectorTail.Load(GradientY + i, rest) * derivative, GradientX + i, rest);
        }
    }

    private struct BothJob<TActivation> : IWorkBody where TActivation : struct, IActivationWithDerivative
    {
        public float* X, Y, Derivative;
        public int Length, Parts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int part)
        {
            var (i, end) = Range(Length, part, Parts);
            if (Vector512.IsHardwareAccelerated)
            {
                for (; i + 16 <= end; i += 16)
                {
                    var (wideValue, wideDerivative) = TActivation.ValueAndDerivative(Vector512.Load(X + i));
                    wideValue.Store(Y + i);
                    wideDerivative.Store(Derivative + i);
                }
            }

            for (; i + 8 <= end; i += 8)
            {
                var (value, derivative) = TActivation.ValueAndDerivative(Vector256.Load(X + i));
                value.Store(Y + i);
                derivative.Store(Derivative + i);
            }

            if (i == end) return;
            var rest = (int)(end - i);
            var (lastValue, lastDerivative) = TActivation.ValueAndDerivative(VectorTail.Load(X + i, rest, 1));
            VectorTail.Store(lastValue, Y + i, rest);
            VectorTail.Store(lastDerivative, Derivative + i, rest);
        }
    }
}
