using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>The last step of a product on a tile that is still in L1.</summary>
internal static unsafe class EpilogueTile
{
    /// <summary>
    /// C[rows, columns] = activation(tile) + residual ; the tile's rows are whole vectors of 16, <paramref name="tileRow"/> apart, the
    /// residual may be null or C itself.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such activation.</exception>
    public static void Write(
        EpilogueActivation activation, int rows, int columns, float* tile, int tileRow, float* c, nint cRow, float* residual,
            nint residualRow)
    {
        switch (activation)
        {
            case EpilogueActivation.None: Write<Identity>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.Relu: Write<Relu>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.Gelu: Write<Gelu>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.GeluTanh: Write<GeluTanh>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.QuickGelu: Write<QuickGelu>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.Silu: Write<Silu>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.Sigmoid: Write<Sigmoid>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            case EpilogueActivation.Tanh: Write<Tanh>(rows, columns, tile, tileRow, c, cRow, residual, residualRow); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "no such activation");
        }
    }

    private static void Write<TActivation>(int rows, int columns, float* tile, int tileRow, float* c, nint cRow, float* residual,
        nint residualRow)
        where TActivation : struct, IActivation
    {
        if (MatrixTile.IsWideFaster) Wide<TActivation>(rows, columns, tile, tileRow, c, cRow, residual, residualRow);
        else Narrow<TActivation>(rows, columns, tile, tileRow, c, cRow, residual, residualRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<TActivation>(int rows, int columns, float* tile, int tileRow, float* c, nint cRow, float* residual,
        nint residualRow)
        where TActivation : struct, IActivation
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j += 16)
            {
                // The tile has all sixteen lanes; those past the columns are computed and dropped.
                var value = TActivation.Value(Vector512.Load(tile + j));
                var rest = columns - j;
                if (rest >= 16)
                {
                    if (residual != null) value += Vector512.Load(residual + j);
                    value.Store(c + j);
                    continue;
                }

                if (residual != null) value += VectorTail.LoadWide(residual + j, rest);
                VectorTail.Store(value, c + j, rest);
            }

            tile += tileRow;
            c += cRow;
            residual += residual == null ? 0 : residualRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow<TActivation>(int rows, int columns, float* tile, int tileRow, float* c, nint cRow, float* residual,
        nint residualRow)
        where TActivation : struct, IActivation
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j += 8)
            {
                // The tile has all eight lanes; those past the columns are computed and dropped.
                var value = TActivation.Value(Vector256.Load(tile + j));
                var rest = columns - j;
                if (rest >= 8)
                {
                    if (residual != null) value += Vector256.Load(residual + j);
                    value.Store(c + j);
                    continue;
                }

                if (residual != null) value += VectorTail.Load(residual + j, rest);
                VectorTail.Store(value, c + j, rest);
            }

            tile += tileRow;
            c += cRow;
            residual += residual == null ? 0 : residualRow;
        }
    }

    private readonly struct Identity : IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Value(Vector512<float> x) => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Value(Vector256<float> x) => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Derivative(Vector256<float> x, Vector256<float> y) => Vector256<float>.One;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => Vector512<float>.One;
    }
}
