using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>The numbers of one Adam update, the same for all elements of a parameter.</summary>
/// <param name="Keep">What the parameter is multiplied by first: 1 − lr·decay for decoupled decay, else 1.</param>
/// <param name="Penalty">What the parameter adds to its gradient: the decay for an L2 penalty, else 0.</param>
/// <param name="Beta1">Decay of the mean.</param>
/// <param name="Beta2">Decay of the mean square.</param>
/// <param name="StepSize">lr / (1 − β₁ᵗ).</param>
/// <param name="RootCorrection">√(1 − β₂ᵗ).</param>
/// <param name="Epsilon">Added to the denominator.</param>
internal readonly record struct AdamNumbers(
    double Keep, double Penalty, double Beta1, double Beta2, double StepSize, double RootCorrection, double Epsilon);

/// <summary>One Adam update in a single walk over memory.</summary>
internal static class AdamKernel
{
    /// <summary>Updates parameter and moments in place; all spans have one length, <paramref name="largest"/> may be empty.</summary>
    /// <param name="numbers">Constants of this update.</param>
    /// <param name="gradient">Gradient.</param>
    /// <param name="parameter">Parameter.</param>
    /// <param name="mean">Running mean of the gradient.</param>
    /// <param name="square">Running mean of its square.</param>
    /// <param name="largest">Largest mean square so far (AMSGrad); empty to do without.</param>
    public static void Run(
        in AdamNumbers numbers, ReadOnlySpan<float> gradient, Span<float> parameter, Span<float> mean, Span<float> square,
            Span<float> largest)
    {
        var constants = new Constants(numbers);
        var whole = gradient.Length / Vector256<float>.Count * Vector256<float>.Count;
        var wide = Vector512.IsHardwareAccelerated ? whole / Vector512<float>.Count * Vector512<float>.Count : 0;
        if (Vector512.IsHardwareAccelerated && wide > 0)
            WideVectors(constants, gradient[..wide], parameter[..wide], mean[..wide], square[..wide],
                largest.IsEmpty ? default : largest[..wide]);
        Vectors(constants, gradient[wide..whole], parameter[wide..whole], mean[wide..whole], square[wide..whole],
            largest.IsEmpty ? default : largest[wide..whole]);
        if (whole == gradient.Length) return;

        // The rest goes through the same vector code in padded copies, so that an element's bits do not depend on where it lies.
        Span<float> padded = stackalloc float[5 * Vector256<float>.Count];
        padded.Clear();
        var rest = gradient.Length - whole;
        var g = Lane(padded, 0);
        var p = Lane(padded, 1);
        var m = Lane(padded, 2);
        var s = Lane(padded, 3);
        var l = largest.IsEmpty ? default : Lane(padded, 4);
        gradient[whole..].CopyTo(g);
        parameter[whole..].CopyTo(p);
        mean[whole..].CopyTo(m);
        square[whole..].CopyTo(s);
        if (!largest.IsEmpty) largest[whole..].CopyTo(l);
        Vectors(constants, g, p, m, s, l);
        p[..rest].CopyTo(parameter[whole..]);
        m[..rest].CopyTo(mean[whole..]);
        s[..rest].CopyTo(square[whole..]);
        if (!largest.IsEmpty) l[..rest].CopyTo(largest[whole..]);
    }

    private static Span<float> Lane(Span<float> padded, int index) => padded.Slice(index * Vector256<float>.Count, Vector256<float>.Count);

    private static void Vectors(
        Constants c, ReadOnlySpan<float> gradient, Span<float> parameter, Span<float> mean, Span<float> square, Span<float> largest)
    {
        var g = MemoryMarshal.Cast<float, Vector256<float>>(gradient);
        var p = MemoryMarshal.Cast<float, Vector256<float>>(parameter)[..g.Length];
        var m = MemoryMarshal.Cast<float, Vector256<float>>(mean)[..g.Length];
        var s = MemoryMarshal.Cast<float, Vector256<float>>(square)[..g.Length];
        var l = MemoryMarshal.Cast<float, Vector256<float>>(largest);
        for (var i = 0; i < g.Length; i++)
        {
            // Plain products and sums, not fused: the same bits on every machine.
            var x = p[i] * c.Keep;
            var slope = g[i] + c.Penalty * p[i];
            m[i] = c.Beta1 * m[i] + c.Rest1 * slope;
            s[i] = c.Beta2 * s[i] + c.Rest2 * slope * slope;
            var under = s[i];
            if (!l.IsEmpty) under = l[i] = Vector256.Max(l[i], under);
            p[i] = x - c.StepSize * (m[i] / (Vector256.Sqrt(under) / c.Root + c.Epsilon));
        }
    }

    /// <summary>Sixteen at once: lane by lane the steps of eight.</summary>
    private static void WideVectors(
        Constants c, ReadOnlySpan<float> gradient, Span<float> parameter, Span<float> mean, Span<float> square, Span<float> largest)
    {
        var g = MemoryMarshal.Cast<float, Vector512<float>>(gradient);
        var p = MemoryMarshal.Cast<float, Vector512<float>>(parameter)[..g.Length];
        var m = MemoryMarshal.Cast<float, Vector512<float>>(mean)[..g.Length];
        var s = MemoryMarshal.Cast<float, Vector512<float>>(square)[..g.Length];
        var l = MemoryMarshal.Cast<float, Vector512<float>>(largest);
        Vector512<float> keep = Wide(c.Keep), penalty = Wide(c.Penalty), stepSize = Wide(c.StepSize), root = Wide(c.Root);
        Vector512<float> beta1 = Wide(c.Beta1), rest1 = Wide(c.Rest1), beta2 = Wide(c.Beta2), rest2 = Wide(c.Rest2);
        var epsilon = Wide(c.Epsilon);
        for (var i = 0; i < g.Length; i++)
        {
            var x = p[i] * keep;
            var slope = g[i] + penalty * p[i];
            m[i] = beta1 * m[i] + rest1 * slope;
            s[i] = beta2 * s[i] + rest2 * slope * slope;
            var under = s[i];
            if (!l.IsEmpty) under = l[i] = Vector512.Max(l[i], under);
            p[i] = x - stepSize * (m[i] / (Vector512.Sqrt(under) / root + epsilon));
        }
    }

    private static Vector512<float> Wide(Vector256<float> constant) => Vector512.Create(constant, constant);

    private readonly struct Constants(in AdamNumbers n)
    {
        public readonly Vector256<float> Keep = Vector256.Create((float)n.Keep);
        public readonly Vector256<float> Penalty = Vector256.Create((float)n.Penalty);
        public readonly Vector256<float> Beta1 = Vector256.Create((float)n.Beta1);
        public readonly Vector256<float> Rest1 = Vector256.Create((float)(1 - n.Beta1));
        public readonly Vector256<float> Beta2 = Vector256.Create((float)n.Beta2);
        public readonly Vector256<float> Rest2 = Vector256.Create((float)(1 - n.Beta2));
        public readonly Vector256<float> StepSize = Vector256.Create((float)n.StepSize);
        public readonly Vector256<float> Root = Vector256.Create((float)n.RootCorrection);
        public readonly Vector256<float> Epsilon = Vector256.Create((float)n.Epsilon);
    }
}
