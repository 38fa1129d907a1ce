namespace CrossModal.Engine.Kernels;

/// <summary>Copies an array into another order of its axes.</summary>
internal static class PermuteKernel
{
    /// <summary>result[i₀, i₁, …] = x[…], where axis a of the result is axis order[a] of x.</summary>
    public static void Run(ReadOnlySpan<float> x, ReadOnlySpan<int> sizes, ReadOnlySpan<int> order, Span<float> result)
    {
        if (result.IsEmpty) return;
        var rank = sizes.Length;
        if (rank == 0)
        {
            result[0] = x[0];
            return;
        }

        Span<int> steps = stackalloc int[rank], extents = stackalloc int[rank], index = stackalloc int[rank];
        index.Clear();
        for (var a = 0; a < rank; a++)
        {
            extents[a] = sizes[order[a]];
            steps[a] = 1;
            for (var i = order[a] + 1; i < rank; i++) steps[a] *= sizes[i];
        }

        var inner = extents[rank - 1];
        var step = steps[rank - 1];
        var from = 0;
        for (var at = 0; at < result.Length; at += inner)
        {
            var row = result.Slice(at, inner);
            if (step == 1)
            {
                x.Slice(from, inner).CopyTo(row);
            }
            else
            {
                var source = from;
                for (var i = 0; i < row.Length; i++, source += step) row[i] = x[source];
            }

            for (var axis = rank - 2; axis >= 0; axis--)
            {
                from += steps[axis];
                if (++index[axis] < extents[axis]) break;
                from -= steps[axis] * extents[axis];
                index[axis] = 0;
            }
        }
    }
}
