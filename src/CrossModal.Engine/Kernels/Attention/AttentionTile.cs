using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// Steps on a tile of transposed scores [keys, 16]: 16 queries stand side by side, so that softmax needs no horizontal sums,
/// keys and values are read where they lie, and the result is already laid out for the product with V.
/// </summary>
internal static unsafe partial class AttentionTile
{
    /// <summary>Queries of a tile and row stride of its scores.</summary>
    public const int Queries = 16;

    /// <summary>Keys of a tile.</summary>
    public const int Keys = 128;

    /// <summary>to[j * 16 + i] = from[i * fromRow + j] * factor for i below rows, and 0 up to 16; <paramref name="columns"/> rows of
    /// 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(int rows, int columns, float* from, nint fromRow, float* to, float factor)
    {
        var i = 0;
        if (Avx.IsSupported)
        {
            // A row that is not there is read as zeros.
            var zeros = stackalloc float[8];
            Vector256<float>.Zero.Store(zeros);
            for (; i < rows; i += 8)
            {
                var j = 0;
                for (; j + 8 <= columns; j += 8)
                    MatrixPacking.Transpose8(Math.Min(8, rows - i), from + i * fromRow + j, fromRow, zeros, to + j * Queries + i, Queries);
                for (; j < columns; j++)
                {
                    for (var r = i; r < i + 8; r++) to[j * Queries + r] = r < rows ? from[r * fromRow + j] : 0;
                }
            }
        }

        for (; i < rows; i++)
        {
            var row = from + i * fromRow;
            for (var j = 0; j < columns; j++) to[j * Queries + i] = row[j];
        }

        if (i == Queries / 2)
        {
            for (nint j = 0; j < columns; j++) Vector256<float>.Zero.Store(to + j * Queries + i);
            i = Queries;
        }

        for (; i < Queries; i++)
        {
            for (var j = 0; j < columns; j++) to[j * Queries + i] = 0;
        }

        if (factor == 1) return;
        for (var j = 0; j < columns * Queries; j += 8) (Vector256.Load(to + j) * factor).Store(to + j);
    }

    /// <summary>to[i * toRow + j] = from[j * 16 + i] for i below rows and j below columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeBack(int rows, int columns, float* from, float* to, nint toRow)
    {
        var i = 0;
        if (Avx.IsSupported)
        {
            for (; i + 8 <= rows; i += 8)
            {
                var j = 0;
                for (; j + 8 <= columns; j += 8) MatrixPacking.Transpose8(from + j * Queries + i, Queries, to + i * toRow + j, toRow);
                for (; j < columns; j++)
                {
                    for (var r = i; r < i + 8; r++) to[r * toRow + j] = from[j * Queries + r];
                }
            }
        }

        for (; i < rows; i++)
        {
            for (var j = 0; j < columns; j++) to[i * toRow + j] = from[j * Queries + i];
        }
    }

    /// <summary>Adds to every query of a row the same mask entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddToRows(int keys, float* scores, float* mask)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            for (nint j = 0; j < keys; j++)
                (Vector512.Load(scores + j * Queries) + Vector512.Create(mask[j])).Store(scores + j * Queries);
            return;
        }

        for (nint j = 0; j < keys; j++)
        {
            var value = Vector256.Create(mask[j]);
            (Vector256.Load(scores + j * Queries) + value).Store(scores + j * Queries);
            (Vector256.Load(scores + j * Queries + 8) + value).Store(scores + j * Queries + 8);
        }
    }

    /// <summary>x += y, whole rows of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(int keys, float* x, float* y)
    {
        nint j = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; j < (nint)keys * Queries; j += 16) (Vector512.Load(x + j) + Vector512.Load(y + j)).Store(x + j);
        for (; j < (nint)keys * Queries; j += 8) (Vector256.Load(x + j) + Vector256.Load(y + j)).Store(x + j);
    }

    /// <summary>x *= y, whole rows of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(int keys, float* x, float* y)
    {
        nint j = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; j < (nint)keys * Queries; j += 16) (Vector512.Load(x + j) * Vector512.Load(y + j)).Store(x + j);
        for (; j < (nint)keys * Queries; j += 8) (Vector256.Load(x + j) * Vector256.Load(y + j)).Store(x + j);
    }

    /// <summary>
    /// One step of the streamed softmax (Milakov and Gimelshein, 2018) for 8 queries: scores become e^(s - new maximum), the
    /// running maximum and sum move on, and <paramref name="rescale"/> is what earlier sums and outputs have to be multiplied by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxStep(int keys, float* scores, float* maximum, float* sum, float* rescale)
    {
        var old = Vector256.Load(maximum);
        var m0 = old;
        var m1 = old;
        nint j = 0;
        // MaxNative returns its second operand when either is NaN: a NaN score is passed over here and reaches the sum below.
        for (; j + 2 <= keys; j += 2)
        {
            m0 = Vector256.MaxNative(Vector256.Load(scores + j * Queries), m0);
            m1 = Vector256.MaxNative(Vector256.Load(scores + j * Queries + Queries), m1);
        }

        if (j < keys) m0 = Vector256.MaxNative(Vector256.Load(scores + j * Queries), m0);
        m0 = Vector256.MaxNative(m0, m1);
        m0.Store(maximum);
        // A query with nothing to attend so far keeps -infinity; 0 in its place gives e^(-infinity - 0) = 0 and no NaN.
        var shift = Vector256.AndNot(m0, Vector256.Equals(m0, Vector256.Create(float.NegativeInfinity)));
        var factor = VectorMath.ExpFlushed(old - shift);
        factor.Store(rescale);
        // The tile's own sum starts at 0: beside the sum of many thousand keys small terms would be rounded away, all in one direction.
        var total = Vector256<float>.Zero;
        for (j = 0; j + 2 <= keys; j += 2)
        {
            var row = scores + j * Queries;
            var (first, second) = VectorMath.ExpFlushed(Vector256.Load(row) - shift, Vector256.Load(row + Queries) - shift);
            first.Store(row);
            second.Store(row + Queries);
            total += first + second;
        }

        if (j < keys)
        {
            var last = VectorMath.ExpFlushed(Vector256.Load(scores + j * Queries) - shift);
            last.Store(scores + j * Queries);
            total += last;
        }

        (Vector256.Load(sum) * factor + total).Store(sum);
    }

    /// <summary>scores[keys, 16] = K [keys, width] times the panel [width, 16]; the last 8 columns are left alone for up to 8
    /// queries.</summary>
    public static void Scores(int keys, int queries, int width, float* k, nint kRow, float* panel, float* scores)
        => MatrixTile.Short(keys, queries > 8 ? 16 : 8, width, k, kRow, panel, Queries, scores, Queries, false);

    /// <summary>The same with at most <paramref name="piece"/> products summed in one accumulator.</summary>
    public static void Scores(int keys, int queries, int width, int piece, float* k, nint kRow, float* panel, float* scores)
    {
        var columns = queries > 8 ? 16 : 8;
        MatrixTile.Short(keys, columns, Math.Min(piece, width), k, kRow, panel, Queries, scores, Queries, false);
        for (var d = piece; d < width; d += piece)
            MatrixTile.Short(keys, columns, Math.Min(piece, width - d), k + d, kRow, panel + d * Queries, Queries, scores, Queries, true);
    }
}
