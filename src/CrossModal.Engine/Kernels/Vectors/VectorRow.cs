using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Sums and maxima of one row of floats.</summary>
internal static unsafe class VectorRow
{
    /// <summary>The largest element, -infinity for an empty row; NaN elements are passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(float* x, int n)
    {
        var least = Vector256.Create(float.NegativeInfinity);
        var (m0, m1) = (least, least);
        nint i = 0;
        // MaxNative returns its second operand when either is NaN: the running maximum comes second.
        if (Vector512.IsHardwareAccelerated)
        {
            // The halves are the two maxima below.
            var both = Vector512.Create(float.NegativeInfinity);
            for (; i + 16 <= n; i += 16) both = Vector512.MaxNative(Vector512.Load(x + i), both);
            (m0, m1) = (both.GetLower(), both.GetUpper());
        }

        for (; i + 16 <= n; i += 16)
        {
            m0 = Vector256.MaxNative(Vector256.Load(x + i), m0);
            m1 = Vector256.MaxNative(Vector256.Load(x + i + 8), m1);
        }

        if (i + 8 <= n)
        {
            m0 = Vector256.MaxNative(Vector256.Load(x + i), m0);
            i += 8;
        }

        if (i < n) m1 = Vector256.MaxNative(VectorTail.Load(x + i, (int)(n - i), float.NegativeInfinity), m1);
        m0 = Vector256.MaxNative(m0, m1);
        var half = Vector128.MaxNative(m0.GetLower(), m0.GetUpper());
        half = Vector128.MaxNative(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(half.GetElement(0), half.GetElement(1));
    }

    /// <summary>y[i] = e^(x[i] - shift), flushed to 0 below 1.2e-38; returns their sum. y may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpSum(float* x, float* y, int n, float shift)
    {
        var minus = Vector256.Create(shift);
        var sum = Vector256<float>.Zero;
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            // The lower half is added before the upper one: the order of additions below.
            var from = Vector512.Create(shift);
            for (; i + 16 <= n; i += 16)
            {
                var e = VectorMath.ExpFlushed(Vector512.Load(x + i) - from);
                e.Store(y + i);
                sum += e.GetLower();
                sum += e.GetUpper();
            }

            if (i + 8 < n)
            {
                var rest = (int)(n - i);
                var e = VectorMath.ExpFlushed(VectorTail.LoadWide(x + i, rest, float.NegativeInfinity) - from);
                VectorTail.Store(e, y + i, rest);
                sum += e.GetLower();
                return Vector256.Sum(sum + e.GetUpper());
            }
        }

        for (; i + 8 <= n; i += 8)
        {
            var e = VectorMath.ExpFlushed(Vector256.Load(x + i) - minus);
            e.Store(y + i);
            sum += e;
        }

        if (i < n)
        {
            var rest = (int)(n - i);
            var e = VectorMath.ExpFlushed(VectorTail.Load(x + i, rest, float.NegativeInfinity) - minus);
            VectorTail.Store(e, y + i, rest);
            sum += e;
        }

        return Vector256.Sum(sum);
    }

    /// <summary>The sum of e^(x[i] - shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfExp(float* x, int n, float shift)
    {
        var minus = Vector256.Create(shift);
        var sum = Vector256<float>.Zero;
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            // In the order of additions below.
            var from = Vector512.Create(shift);
            for (; i + 16 <= n; i += 16)
            {
                var e = VectorMath.ExpFlushed(Vector512.Load(x + i) - from);
                sum += e.GetLower();
                sum += e.GetUpper();
            }
        }

        for (; i + 8 <= n; i += 8) sum += VectorMath.ExpFlushed(Vector256.Load(x + i) - minus);
        if (i < n) sum += VectorMath.ExpFlushed(VectorTail.Load(x + i, (int)(n - i), float.NegativeInfinity) - minus);
        return Vector256.Sum(sum);
    }

    /// <summary>y[i] = x[i] * factor; y may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* x, float* y, int n, float factor)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; i + 16 <= n; i += 16) (Vector512.Load(x + i) * factor).Store(y + i);
        for (; i + 8 <= n; i += 8) (Vector256.Load(x + i) * factor).Store(y + i);
        if (i < n) VectorTail.Store(VectorTail.Load(x + i, (int)(n - i)) * factor, y + i, (int)(n - i));
    }

    /// <summary>y[i] += x[i] * factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* y, float* x, int n, float factor)
    {
        var by = Vector256.Create(factor);
        nint i = 0;
        for (; i + 8 <= n; i += 8) Vector256.MultiplyAddEstimate(Vector256.Load(x + i), by, Vector256.Load(y + i)).Store(y + i);
        if (i == n) return;
        var rest = (int)(n - i);
        VectorTail.Store(Vector256.MultiplyAddEstimate(VectorTail.Load(x + i, rest), by, VectorTail.Load(y + i, rest)), y + i, rest);
    }

    /// <summary>The sum of x[i] * y[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* x, float* y, int n)
    {
        var (s0, s1) = (Vector256<float>.Zero, Vector256<float>.Zero);
        nint i = 0;
        for (; i + 16 <= n; i += 16)
        {
            s0 = Vector256.MultiplyAddEstimate(Vector256.Load(x + i), Vector256.Load(y + i), s0);
            s1 = Vector256.MultiplyAddEstimate(Vector256.Load(x + i + 8), Vector256.Load(y + i + 8), s1);
        }

        if (i + 8 <= n)
        {
            s0 = Vector256.MultiplyAddEstimate(Vector256.Load(x + i), Vector256.Load(y + i), s0);
            i += 8;
        }

        if (i < n) s1 = Vector256.MultiplyAddEstimate(VectorTail.Load(x + i, (int)(n - i)), VectorTail.Load(y + i, (int)(n - i)), s1);
        return Vector256.Sum(s0 + s1);
    }

    /// <summary>The sum of x[i] - shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumShifted(float* x, int n, float shift)
    {
        var minus = Vector256.Create(shift);
        var (s0, s1) = (Vector256<float>.Zero, Vector256<float>.Zero);
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            // The halves are the two sums below.
            var (both, from) = (Vector512<float>.Zero, Vector512.Create(shift));
            for (; i + 16 <= n; i += 16) both += Vector512.Load(x + i) - from;
            (s0, s1) = (both.GetLower(), both.GetUpper());
        }

        for (; i + 16 <= n; i += 16)
        {
            s0 += Vector256.Load(x + i) - minus;
            s1 += Vector256.Load(x + i + 8) - minus;
        }

        if (i + 8 <= n)
        {
            s0 += Vector256.Load(x + i) - minus;
            i += 8;
        }

        if (i < n) s1 += VectorTail.Load(x + i, (int)(n - i), shift) - minus;
        return Vector256.Sum(s0 + s1);
    }

    /// <summary>Whether no element is NaN or infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool IsFinite(ReadOnlySpan<float> row)
    {
        fixed (float* x = row)
        {
            var n = row.Length;
            // A number less itself is 0, an infinity or NaN less itself NaN, and NaN stays NaN in a sum.
            var (s0, s1) = (Vector256<float>.Zero, Vector256<float>.Zero);
            nint i = 0;
            for (; i + 16 <= n; i += 16)
            {
                var (x0, x1) = (Vector256.Load(x + i), Vector256.Load(x + i + 8));
                s0 += x0 - x0;
                s1 += x1 - x1;
            }

            var sum = Vector256.Sum(s0 + s1);
            for (; i < n; i++) sum += x[i] - x[i];
            return sum == 0;
        }
    }

    /// <summary>Whether an element is NaN.</summary>
    public static bool HasNaN(float* x, int n)
    {
        for (nint i = 0; i < n; i++)
        {
            if (float.IsNaN(x[i])) return true;
        }

        return false;
    }
}
