namespace CrossModal.Engine.Kernels;

/// <summary>The bipartite matching of ToMe (Bolya et al. 2023): even tokens with the odd tokens most like them.</summary>
internal static unsafe class TokenMatching
{
    private const int Rows = 64;

    /// <summary>Writes for each token of [batch, count, width] the number it has once the <paramref name="merged"/> closest pairs were
    /// joined.</summary>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void Run(int batch, int count, int width, ReadOnlySpan<float> x, ReadOnlySpan<float> sizes, int merged,
        Span<float> groups, Workers workers)
    {
        AttentionOperands.CheckDense("x", x.Length, (long)batch * count, width, false);
        AttentionOperands.CheckDense("sizes", sizes.Length, batch, count, false);
        AttentionOperands.CheckDense("groups", groups.Length, batch, count, false);
        var (even, odd) = ((count + 1) / 2, count / 2);
        var (evenRoom, oddRoom) = (Room(even), Room(odd));
        var memory = PackingBuffer.Rent(PackingBuffer.Summaries, (nint)count * width + Rows * oddRoom + 4 * evenRoom);
        var unit = memory;
        var likeness = unit + (nint)count * width;
        var best = likeness + Rows * oddRoom;
        var heap = best + evenRoom;
        var target = (int*)(heap + evenRoom);
        var chosen = target + evenRoom;
        fixed (float* px = x, psizes = sizes)
        {
            for (var b = 0; b < batch; b++)
            {
                Normalize(count, width, px + (nint)b * count * width, unit);
                var size = psizes + (nint)b * count;
                for (var first = 0; first < even; first += Rows)
                {
                    var rows = Math.Min(Rows, even - first);
                    MatrixProduct.Run(rows, odd, width, new ReadOnlySpan<float>(unit + 2 * (nint)first * width, (2 * rows - 1) * width),
                        2 * width, 1,
                        new ReadOnlySpan<float>(unit + width, (2 * odd - 1) * width), 1, 2 * width, new Span<float>(likeness, rows * odd),
                            odd, default, false, workers);
                    for (var i = 0; i < rows; i++) Match(odd, likeness + (nint)i * odd, size, first + i, best, target);
                }

                LargestValues.Places(best, even, merged, heap, chosen);
                Number(count, merged, target, chosen, groups.Slice(b * count, count));
            }
        }
    }

    private static long Room(int count) => ((long)count + 15) / 16 * 16;

    private static void Normalize(int count, int width, float* x, float* unit)
    {
        for (nint i = 0; i < count; i++)
        {
            var norm = MathF.Sqrt(VectorRow.Dot(x + i * width, x + i * width, width));
            VectorRow.Scale(x + i * width, unit + i * width, width, norm > 0 ? 1 / norm : 0);
        }
    }

    /// <summary>The odd token most like an even one, the first of equals. Padding goes first, to wherever; nothing real goes to padding
    /// while there is another.</summary>
    private static void Match(int odd, float* likeness, float* size, int i, float* best, int* target)
    {
        best[i] = float.NegativeInfinity;
        target[i] = 0;
        if (size[2 * i] == 0)
        {
            best[i] = float.PositiveInfinity;
            return;
        }

        for (var j = 0; j < odd; j++)
        {
            if (size[2 * j + 1] == 0 || likeness[j] <= best[i]) continue;
            best[i] = likeness[j];
            target[i] = j;
        }
    }

    private static void Number(int count, int merged, int* target, int* chosen, Span<float> groups)
    {
        groups.Clear();
        for (var n = 0; n < merged; n++) groups[2 * chosen[n]] = -1;
        var next = 0;
        for (var i = 0; i < count; i++)
            if (groups[i] == 0) groups[i] = next++;
        for (var n = 0; n < merged; n++) groups[2 * chosen[n]] = groups[2 * target[chosen[n]] + 1];
    }
}
