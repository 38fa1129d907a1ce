using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Finds the largest of a row.</summary>
internal static unsafe class LargestValues
{
    /// <summary>The k-th largest of n numbers, equals counted one by one; -infinity when there are no more than k. A NaN is passed
    /// over.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="n">How many.</param>
    /// <param name="k">Which, from 1.</param>
    /// <param name="heap">Room for k numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Threshold(float* x, int n, int k, float* heap)
    {
        if (k >= n) return float.NegativeInfinity;

        // The k largest so far as a heap, the least of them on top: hardly any number gets past it.
        new Span<float>(heap, k).Fill(float.NegativeInfinity);
        nint i = 0;
        for (; i + 8 <= n; i += 8)
        {
            if (!Vector256.GreaterThanAny(Vector256.Load(x + i), Vector256.Create(heap[0]))) continue;
            for (var j = i; j < i + 8; j++)
                if (x[j] > heap[0]) Replace(heap, k, x[j]);
        }

        for (; i < n; i++)
            if (x[i] > heap[0]) Replace(heap, k, x[i]);
        return heap[0];
    }

    /// <summary>Writes the places of the numbers that are not below a threshold, nor -infinity, and returns how many; a NaN is among
    /// them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AtLeast(float* x, int n, float threshold, int* places)
    {
        var found = 0;
        var least = MathF.Max(threshold, float.MinValue);
        var limit = Vector256.Create(least);
        var i = 0;
        for (; i + 8 <= n; i += 8)
        {
            if (Vector256.LessThanAll(Vector256.Load(x + i), limit)) continue;
            for (var j = i; j < i + 8; j++)
                if (!(x[j] < least)) places[found++] = j;
        }

        for (; i < n; i++)
            if (!(x[i] < least)) places[found++] = i;
        return found;
    }

    /// <summary>Writes the places of the k largest of n numbers, in rising order, the earlier of equals first; numbers of -infinity only
    /// when all else is taken.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="n">How many, at least k.</param>
    /// <param name="k">How many are wanted.</param>
    /// <param name="heap">Room for k numbers.</param>
    /// <param name="places">Where the places go.</param>
    public static void Places(float* x, int n, int k, float* heap, int* places)
    {
        var threshold = Threshold(x, n, k, heap);
        var above = 0;
        for (var i = 0; i < n; i++)
            if (x[i] > threshold) above++;
        var (written, equals) = (0, k - above);
        for (var i = 0; i < n && written < k; i++)
        {
            if (x[i] > threshold) places[written++] = i;
            else if (equals > 0 && !(x[i] < threshold))
            {
                places[written++] = i;
                equals--;
            }
        }
    }

    private static void Replace(float* heap, int k, float value)
    {
        var at = 0;
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= k) break;
            if (child + 1 < k && heap[child + 1] < heap[child]) child++;
            if (heap[child] >= value) break;
            heap[at] = heap[child];
            at = child;
        }

        heap[at] = value;
    }
}
