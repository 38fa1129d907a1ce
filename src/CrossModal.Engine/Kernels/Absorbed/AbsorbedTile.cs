using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static CrossModal.Engine.Kernels.Counts;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// The two products of <see cref="AbsorbedAttention"/> with tokens as the left operand: c[rows, 16] = c * factor + left right, with
/// rows of 16 in <c>right</c> and <c>c</c>. Tokens lie in strips of 16 features, [keys, 16] each, which serve both: as rows of tokens
/// for the scores, where a tile of 6 tokens reads 6 lines side by side and goes on to the next strip after 16 steps, and as rows of
/// features for the weighted mean. Tokens read in place would lie a power of two apart and push each other out of the cache.
/// </summary>
internal static unsafe partial class AbsorbedTile
{
    /// <summary>Width of a strip, of a panel, and floats from row to row everywhere here.</summary>
    public const int Columns = 16;

    private const int Rows = 6;
    private const int StripsAtATime = 8;

    /// <summary>
    /// Rows from one strip to the next: at least <paramref name="keys"/>, and an odd multiple of 8, so that the same rows of up to 8
    /// strips never meet in the cache.
    /// </summary>
    public static int StripRows(int keys) => ((keys + 7) / 8 | 1) * 8;

    /// <summary>
    /// c[tokens, 16] = c * factor + tokens[tokens, depth] right[depth, 16]; c is not read where <paramref name="factor"/> is null.
    /// With 8 <paramref name="columns"/> instead of 16 the second half is left alone.
    /// </summary>
    public static void TimesTokens(int tokens, int depth, float* strips, nint stripLength, float* right, float* c, int columns,
        float* factor)
    {
        if (columns == Columns) Run<TokenRows, Sixteen>(tokens, depth, strips, stripLength, right, c, factor);
        else Run<TokenRows, Eight>(tokens, depth, strips, stripLength, right, c, factor);
    }

    /// <summary>
    /// c[features, 16] = c * factor + the transpose of strip[keys, features] times right[keys, 16], for up to 16 features;
    /// <paramref name="columns"/> and <paramref name="factor"/> as above.
    /// </summary>
    public static void TimesFeatures(int features, int keys, float* strip, float* right, float* c, int columns, float* factor)
    {
        if (columns == Columns) Run<FeatureRows, Sixteen>(features, keys, strip, 0, right, c, factor);
        else Run<FeatureRows, Eight>(features, keys, strip, 0, right, c, factor);
    }

    /// <summary>
    /// Copies tokens[keys, width] into strips <paramref name="stripLength"/> floats apart; columns that fill up the last strip are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(int keys, int width, float* tokens, nint row, float* strips, nint stripLength)
    {
        var column = 0;
        while (column + Columns <= width)
        {
            // Several strips at once: what a row brings into the cache is used while it is there.
            var together = Math.Min((width - column) / Columns, StripsAtATime);
            for (nint key = 0; key < keys; key++)
            {
                var from = tokens + key * row + column;
                var to = strips + key * Columns;
                for (var strip = 0; strip < together; strip++, from += Columns, to += stripLength)
                {
                    var left = Vector256.Load(from);
                    var right = Vector256.Load(from + 8);
                    left.Store(to);
                    right.Store(to + 8);
                }
            }

            column += together * Columns;
            strips += together * stripLength;
        }

        for (nint key = 0; key < keys && column < width; key++)
        {
            new Span<float>(tokens + key * row + column, width - column).CopyTo(new Span<float>(strips + key * Columns, Columns));
            new Span<float>(strips + key * Columns + width - column, Columns - (width - column)).Clear();
        }
    }

    private static void Run<TLeft, TWidth>(int rows, int depth, float* left, nint stripLength, float* right, float* c, float* factor)
        where TLeft : struct, ILeft
        where TWidth : struct, IWidth
    {
        // Rows are shared out evenly (16 = 6 + 5 + 5): a lone last row would leave the multipliers idle.
        var tiles = (rows + Rows - 1) / Rows;
        var height = rows / tiles;
        var taller = rows % tiles;
        for (var t = 0; t < tiles; t++)
        {
            var count = t < taller ? height + 1 : height;
            switch (count)
            {
                case 6: Compute<Six, TLeft, TWidth>(depth, left, stripLength, right, c, factor); break;
                case 5: Compute<Five, TLeft, TWidth>(depth, left, stripLength, right, c, factor); break;
                case 4: Compute<Four, TLeft, TWidth>(depth, left, stripLength, right, c, factor); break;
                case 3: Compute<Three, TLeft, TWidth>(depth, left, stripLength, right, c, factor); break;
                case 2: Compute<Two, TLeft, TWidth>(depth, left, stripLength, right, c, factor); break;
                default: Compute<One, TLeft, TWidth>(depth, left, stripLength, right, c, factor); break;
            }

            left += count * TLeft.Row;
            c += count * Columns;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TRows, TLeft, TWidth>(int depth, float* left, nint stripLength, float* right, float* c, float* factor)
        where TRows : struct, ICount
        where TLeft : struct, ILeft
        where TWidth : struct, IWidth
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        Vector256<float> b1 = default;
        while (depth > 0)
        {
            var steps = TLeft.Step == 1 ? Math.Min(depth, Columns) : depth;
            depth -= steps;
            var a = left;
            left += stripLength;
            for (; steps > 0; steps--)
            {
                var b0 = Vector256.Load(right);
                if (TWidth.IsFull) b1 = Vector256.Load(right + 8);
                var value = Vector256.Create(*a);
                c00 = Vector256.MultiplyAddEstimate(value, b0, c00);
                if (TWidth.IsFull) c01 = Vector256.MultiplyAddEstimate(value, b1, c01);
                if (TRows.Count > 1)
                {
                    value = Vector256.Create(a[TLeft.Row]);
                    c10 = Vector256.MultiplyAddEstimate(value, b0, c10);
                    if (TWidth.IsFull) c11 = Vector256.MultiplyAddEstimate(value, b1, c11);
                }

                if (TRows.Count > 2)
                {
                    value = Vector256.Create(a[2 * TLeft.Row]);
                    c20 = Vector256.MultiplyAddEstimate(value, b0, c20);
                    if (TWidth.IsFull) c21 = Vector256.MultiplyAddEstimate(value, b1, c21);
                }

                if (TRows.Count > 3)
                {
                    value = Vector256.Create(a[3 * TLeft.Row]);
                    c30 = Vector256.MultiplyAddEstimate(value, b0, c30);
                    if (TWidth.IsFull) c31 = Vector256.MultiplyAddEstimate(value, b1, c31);
                }

                if (TRows.Count > 4)
                {
                    value = Vector256.Create(a[4 * TLeft.Row]);
                    c40 = Vector256.MultiplyAddEstimate(value, b0, c40);
                    if (TWidth.IsFull) c41 = Vector256.MultiplyAddEstimate(value, b1, c41);
                }

                if (TRows.Count > 5)
                {
                    value = Vector256.Create(a[5 * TLeft.Row]);
                    c50 = Vector256.MultiplyAddEstimate(value, b0, c50);
                    if (TWidth.IsFull) c51 = Vector256.MultiplyAddEstimate(value, b1, c51);
                }

                a += TLeft.Step;
                right += Columns;
            }
        }

        if (factor != null)
        {
            var f0 = Vector256.Load(factor);
            var f1 = Vector256.Load(factor + 8);
            c00 = Vector256.MultiplyAddEstimate(Vector256.Load(c), f0, c00);
            if (TWidth.IsFull) c01 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 8), f1, c01);
            if (TRows.Count > 1) c10 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 16), f0, c10);
            if (TRows.Count > 1 && TWidth.IsFull) c11 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 24), f1, c11);
            if (TRows.Count > 2) c20 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 32), f0, c20);
            if (TRows.Count > 2 && TWidth.IsFull) c21 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 40), f1, c21);
            if (TRows.Count > 3) c30 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 48), f0, c30);
            if (TRows.Count > 3 && TWidth.IsFull) c31 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 56), f1, c31);
            if (TRows.Count > 4) c40 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 64), f0, c40);
            if (TRows.Count > 4 && TWidth.IsFull) c41 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 72), f1, c41);
            if (TRows.Count > 5) c50 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 80), f0, c50);
            if (TRows.Count > 5 && TWidth.IsFull) c51 = Vector256.MultiplyAddEstimate(Vector256.Load(c + 88), f1, c51);
        }

        c00.Store(c);
        if (TWidth.IsFull) c01.Store(c + 8);
        if (TRows.Count > 1) c10.Store(c + 16);
        if (TRows.Count > 1 && TWidth.IsFull) c11.Store(c + 24);
        if (TRows.Count > 2) c20.Store(c + 32);
        if (TRows.Count > 2 && TWidth.IsFull) c21.Store(c + 40);
        if (TRows.Count > 3) c30.Store(c + 48);
        if (TRows.Count > 3 && TWidth.IsFull) c31.Store(c + 56);
        if (TRows.Count > 4) c40.Store(c + 64);
        if (TRows.Count > 4 && TWidth.IsFull) c41.Store(c + 72);
        if (TRows.Count > 5) c50.Store(c + 80);
        if (TRows.Count > 5 && TWidth.IsFull) c51.Store(c + 88);
    }
}
