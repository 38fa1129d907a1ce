using System.Numerics.Tensors;

namespace CrossModal.Engine.Kernels;

/// <summary>What a broadcasting operation does along the innermost axis, where each operand is either contiguous or one number.</summary>
internal interface IBinaryKernel
{
    static abstract void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result);

    static abstract void Apply(ReadOnlySpan<float> x, float y, Span<float> result);

    static abstract void Apply(float x, ReadOnlySpan<float> y, Span<float> result);
}

/// <summary>Elementwise work on operands whose shapes broadcast (NumPy's rule), and its transpose: the sum back.</summary>
internal static class BroadcastKernel
{
    private const int MaxRank = 8;

    /// <summary>result = x ∘ y, where the shapes of x and y broadcast to that of the result.</summary>
    public static void Apply<TKernel>(ReadOnlySpan<float> x, ReadOnlySpan<int> xSizes, ReadOnlySpan<float> y, ReadOnlySpan<int> ySizes,
        Span<float> result, ReadOnlySpan<int> sizes)
        where TKernel : IBinaryKernel
    {
        if (result.IsEmpty) return;
        Span<int> extents = stackalloc int[MaxRank], xSteps = stackalloc int[MaxRank], ySteps = stackalloc int[MaxRank];
        var rank = Collapse(sizes, xSizes, ySizes, extents, xSteps, ySteps);
        var inner = extents[rank - 1];
        Span<int> index = stackalloc int[MaxRank];
        index.Clear();
        int xAt = 0, yAt = 0;
        for (var at = 0; ; at += inner)
        {
            var target = result.Slice(at, inner);
            if (xSteps[rank - 1] != 0 && ySteps[rank - 1] != 0) TKernel.Apply(x.Slice(xAt, inner), y.Slice(yAt, inner), target);
            else if (xSteps[rank - 1] != 0) TKernel.Apply(x.Slice(xAt, inner), y[yAt], target);
            else TKernel.Apply(x[xAt], y.Slice(yAt, ySteps[rank - 1] != 0 ? inner : 1), target);
            if (!Advance(index, extents, rank - 1, xSteps, ySteps, ref xAt, ref yAt)) return;
        }
    }

    /// <summary>sum[…] = (accumulate ? sum[…] : 0) + Σ over the axes along which the shape of <paramref name="sum"/> was stretched to
    /// <paramref name="sizes"/>.</summary>
    public static void SumTo(ReadOnlySpan<float> values, ReadOnlySpan<int> sizes, Span<float> sum, ReadOnlySpan<int> sumSizes,
        bool accumulate)
    {
        if (!accumulate) sum.Clear();
        if (values.IsEmpty) return;
        Span<int> extents = stackalloc int[MaxRank], steps = stackalloc int[MaxRank], same = stackalloc int[MaxRank];
        var rank = Collapse(sizes, sumSizes, sumSizes, extents, steps, same);
        var inner = extents[rank - 1];
        if (rank == 2 && steps[0] == 0 && steps[1] == 1)
        {
            ColumnSums.Add(extents[0], inner, values, sum);
            return;
        }

        Span<int> index = stackalloc int[MaxRank];
        index.Clear();
        int sumAt = 0, unused = 0;
        for (var at = 0; ; at += inner)
        {
            var part = values.Slice(at, inner);
            if (steps[rank - 1] != 0) TensorPrimitives.Add(sum.Slice(sumAt, inner), part, sum.Slice(sumAt, inner));
            else sum[sumAt] += TensorPrimitives.Sum(part);
            if (!Advance(index, extents, rank - 1, steps, same, ref sumAt, ref unused)) return;
        }
    }

    /// <summary>Steps of both operands along each axis of the result (0 where stretched), neighbouring axes merged where both allow
    /// it.</summary>
    private static int Collapse(ReadOnlySpan<int> sizes, ReadOnlySpan<int> xSizes, ReadOnlySpan<int> ySizes,
        Span<int> extents, Span<int> xSteps, Span<int> ySteps)
    {
        var rank = sizes.Length;
        if (rank > MaxRank) throw new ArgumentException($"Broadcast: more than {MaxRank} axes");
        int xStep = 1, yStep = 1;
        var used = 0;

        // From the last axis to the first; written reversed, turned round at the end.
        for (var i = 1; i <= rank; i++)
        {
            var size = sizes[^i];
            var xSize = i <= xSizes.Length ? xSizes[^i] : 1;
            var ySize = i <= ySizes.Length ? ySizes[^i] : 1;
            var stepX = xSize == 1 ? 0 : xStep;
            var stepY = ySize == 1 ? 0 : yStep;
            xStep *= xSize;
            yStep *= ySize;
            if (size == 1) continue;
            if (used > 0 && Continues(stepX, xSteps[used - 1], extents[used - 1]) && Continues(stepY, ySteps[used - 1], extents[used - 1]))
            {
                extents[used - 1] *= size;
                continue;
            }

            (extents[used], xSteps[used], ySteps[used]) = (size, stepX, stepY);
            used++;
        }

        if (used == 0) (extents[0], xSteps[0], ySteps[0], used) = (1, 1, 1, 1);
        extents[..used].Reverse();
        xSteps[..used].Reverse();
        ySteps[..used].Reverse();
        return used;
    }

    private static bool Continues(int outer, int inner, int extent) => outer == inner * extent;

    private static bool Advance(Span<int> index, ReadOnlySpan<int> extents, int axes,
        ReadOnlySpan<int> xSteps, ReadOnlySpan<int> ySteps, ref int x, ref int y)
    {
        for (var axis = axes - 1; axis >= 0; axis--)
        {
            x += xSteps[axis];
            y += ySteps[axis];
            if (++index[axis] < extents[axis]) return true;
            x -= xSteps[axis] * extents[axis];
            y -= ySteps[axis] * extents[axis];
            index[axis] = 0;
        }

        return false;
    }
}
