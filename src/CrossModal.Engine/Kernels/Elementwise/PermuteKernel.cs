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

        if (LeadingAxis(order) is var moved && moved >= 0)
        {
            TransposeLast(x, sizes, moved, result);
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

    /// <summary>The axis that goes to the end while all others stay in their order; −1 when the order is another.</summary>
    private static int LeadingAxis(ReadOnlySpan<int> order)
    {
        var moved = order[^1];
        if (moved == order.Length - 1) return -1;
        for (var a = 0; a < order.Length - 1; a++)
            if (order[a] != (a < moved ? a : a + 1)) return -1;
        return moved;
    }

    /// <summary>An axis moved to the end: <c>[outer, rows, columns] → [outer, columns, rows]</c>, with a few rows read side by
    /// side.</summary>
    private static void TransposeLast(ReadOnlySpan<float> x, ReadOnlySpan<int> sizes, int axis, Span<float> result)
    {
        var (rows, columns) = (sizes[axis], 1);
        for (var a = axis + 1; a < sizes.Length; a++) columns *= sizes[a];
        var block = rows * columns;
        for (var at = 0; at < result.Length; at += block)
        {
            var from = x.Slice(at, block);
            var to = result.Slice(at, block);
            var row = 0;
            for (; row + 3 <= rows; row += 3)
            {
                ReadOnlySpan<float> first = from.Slice(row * columns, columns), second = from.Slice((row + 1) * columns, columns),
                    third = from.Slice((row + 2) * columns, columns);
                for (int c = 0, place = row; c < first.Length; c++, place += rows)
                    (to[place], to[place + 1], to[place + 2]) = (first[c], second[c], third[c]);
            }

            for (; row < rows; row++)
            {
                var line = from.Slice(row * columns, columns);
                for (int c = 0, place = row; c < line.Length; c++, place += rows) to[place] = line[c];
            }
        }
    }
}
