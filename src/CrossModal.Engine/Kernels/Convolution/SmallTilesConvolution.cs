using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// Convolution with windows of 3 × 3 and stride 1 of images that lie pixel by pixel, by minimal filtering F(2 × 2, 3 × 3): a tile of 2 × 2
/// results takes 16 instead of 36 multiplications for each pair of channels (Winograd 1980; Lavin and Gray, "Fast Algorithms for
/// Convolutional Neural Networks", 2016, equations 8 to 11).
/// </summary>
/// <remarks>The sums differ from those of the plain convolution in their last bits. Every result is computed in one way, whatever the
/// number of threads.</remarks>
internal sealed unsafe class SmallTilesConvolution
{
    private const int Components = 16;
    private const int Side = 4;
    private const int Lanes = 8;

    // 256 KB of transformed tiles and products stay in L2.
    private const int StretchFloats = 1 << 16;

    // Longer sums would round more than those of the plain convolution, and fewer channels cost more to transform than they save.
    private const int MostChannels = 256;
    private const int FewestChannels = 32;

    // Components lie a line further apart than their numbers take: a power of two apart they would push each other out of the cache.
    private const int Gap = 16;

    private readonly PackedMatrix[] _weights;

    private SmallTilesConvolution(PackedMatrix[] weights) => _weights = weights;

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => _weights.Sum(weight => weight.Bytes);

    /// <summary>Whether it is faster for such a convolution.</summary>
    public static bool Suits(in ConvolutionShape s) =>
        s is { KernelHeight: 3, KernelWidth: 3, Stride: 1, Channels: >= FewestChannels and <= MostChannels, Outputs: >= FewestChannels }
        && s.Channels % Lanes == 0 && s.Outputs % Lanes == 0 && 4 * 4 * TilesOf(s) <= 5 * s.Pixels;

    /// <summary>Transforms the weight <c>[O, C, 3, 3]</c>: G g Gᵀ of every pair of channels, in double precision.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public static SmallTilesConvolution Pack(in ConvolutionShape s, ReadOnlySpan<float> weight)
    {
        RowSplit.Check("SmallTilesConvolution", "weight", weight.Length, s.Outputs, s.Window);
        var transformed = new float[Components][];
        for (var i = 0; i < Components; i++) transformed[i] = new float[s.Channels * s.Outputs];
        Span<double> rows = stackalloc double[Side * 3];
        Span<double> one = stackalloc double[Side];
        for (var o = 0; o < s.Outputs; o++)
        {
            for (var c = 0; c < s.Channels; c++)
            {
                var g = weight.Slice((o * s.Channels + c) * 9, 9);
                for (var x = 0; x < 3; x++) Filter(g[x], g[3 + x], g[6 + x], rows, x, 3);
                for (var y = 0; y < Side; y++)
                {
                    Filter(rows[y * 3], rows[y * 3 + 1], rows[y * 3 + 2], one, 0, 1);
                    for (var x = 0; x < Side; x++) transformed[y * Side + x][c * s.Outputs + o] = (float)one[x];
                }
            }
        }

        var (channels, outputs) = (s.Channels, s.Outputs);
        return new(Array.ConvertAll(transformed, t => PackedMatrix.Pack(t, channels, outputs, outputs, 1)));
    }

    /// <summary>Computes y = activation(x ∗ W + bias) + residual; the input may be framed, the result not.</summary>
    /// <param name="s">Sizes; the channels are those of the weight.</param>
    /// <param name="x">Images <c>[B, H, W, C]</c>, in their frame of zeros where <paramref name="isFramed"/> says so.</param>
    /// <param name="isFramed">Whether they are.</param>
    /// <param name="bias"><c>[O]</c>, or empty.</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="residual">Added after the activation, <c>[B, P, O]</c>, or empty; may be the result's own memory.</param>
    /// <param name="y">Result <c>[B, P, O]</c>.</param>
    /// <param name="workers">Threads.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Run(in ConvolutionShape s, ReadOnlySpan<float> x, bool isFramed, ReadOnlySpan<float> bias, EpilogueActivation activation,
        ReadOnlySpan<float> residual, Span<float> y, Workers workers)
    {
        if (_weights[0].K != s.Channels || _weights[0].N != s.Outputs)
            throw new ArgumentException(
                $"SmallTilesConvolution: the weight is [{_weights[0].K}, {_weights[0].N}], not [{s.Channels}, {s.Outputs}]");
        var around = isFramed ? s.Padding : 0;
        RowSplit.Check("SmallTilesConvolution", "x", x.Length, 1, PixelFrames.Length(s.Batch, s.Height, s.Width, s.Channels, around));
        RowSplit.Check("SmallTilesConvolution", "bias", bias.Length, 1, s.Outputs, mayBeEmpty: true);
        RowSplit.Check("SmallTilesConvolution", "residual", residual.Length, s.Batch, s.Result, mayBeEmpty: true);
        RowSplit.Check("SmallTilesConvolution", "y", y.Length, s.Batch, s.Result);
        if (y.IsEmpty) return;
        fixed (float* px = x, pbias = bias, presidual = residual, py = y)
        {
            var job = new Job
            {
                Shape = s,
                Around = around,
                X = px,
                Y = py,
                Weights = _weights,
                Epilogue = new Epilogue { Bias = pbias, Activation = activation, Residual = presidual, ResidualRow = s.Outputs },
            };
            job.Parts = ThreadWork.Parts(2.0 * Components * s.Batch * TilesOf(s) * s.Channels * s.Outputs,
                Math.Min((long)s.Batch * ((s.OutHeight + 1) / 2), workers.Threads));
            workers.Run(job.Parts, ref job);
        }
    }

    private static int TilesOf(in ConvolutionShape s) => (s.OutHeight + 1) / 2 * ((s.OutWidth + 1) / 2);

    /// <summary>G times three numbers.</summary>
    private static void Filter(double first, double second, double third, Span<double> to, int at, int step)
    {
        to[at] = first;
        to[at + step] = (first + second + third) / 2;
        to[at + 2 * step] = (first - second + third) / 2;
        to[at + 3 * step] = third;
    }

    /// <summary>Rows of tiles of all images; a part is a range of them.</summary>
    private struct Job : IWorkBody
    {
        public ConvolutionShape Shape;
        public float* X, Y;
        public PackedMatrix[] Weights;
        public Epilogue Epilogue;
        public int Around, Parts;

        private readonly int TileRows => (Shape.OutHeight + 1) / 2;

        private readonly int TilesInRow => (Shape.OutWidth + 1) / 2;

        public readonly void Execute(int part)
        {
            var (row, end) = RowSplit.Range(Shape.Batch * TileRows, part, Parts);
            var together = Math.Max(1, StretchFloats / (Components * TilesInRow * (Shape.Channels + Shape.Outputs)));
            while (row < end)
            {
                var rows = Math.Min(together, end - row);
                Stretch(row, rows);
                row += rows;
            }

            GC.KeepAlive(Weights);
        }

        /// <summary>Some rows of tiles: transformed, multiplied component by component, and transformed back.</summary>
        private readonly void Stretch(int row, int rows)
        {
            var tiles = rows * TilesInRow;
            var (read, made) = ((nint)tiles * Shape.Channels + Gap, (nint)tiles * Shape.Outputs + Gap);
            var inputs = PackingBuffer.Rent(PackingBuffer.Windows, Components * (long)read + Shape.Channels);
            var products = PackingBuffer.Rent(PackingBuffer.Framed, Components * (long)made);
            var zeros = inputs + Components * read;
            new Span<float>(zeros, Shape.Channels).Clear();
            for (var tile = 0; tile < tiles; tile++)
                Read(row + tile / TilesInRow, tile % TilesInRow, zeros, inputs + (nint)tile * Shape.Channels, read);
            for (var i = 0; i < Components; i++) Multiply(tiles, inputs + i * read, Weights[i], products + i * made);
            for (var i = 0; i < rows; i++) Write(row + i, products + (nint)i * TilesInRow * Shape.Outputs, made);
        }

        private readonly void Multiply(int tiles, float* left, PackedMatrix weight, float* products)
        {
            for (int column = 0, columns; column < weight.N; column += columns)
            {
                columns = Math.Min(MatrixTile.IsWideFaster ? MatrixTile.WideColumns : MatrixTile.Columns, weight.N - column);
                var o = new TileOperands
                {
                    K = weight.K,
                    A = left,
                    ARow = weight.K,
                    ACol = 1,
                    ATileRow = weight.K,
                    B = weight.Panel(column / MatrixTile.Columns),
                    BRow = MatrixTile.Columns,
                    BPanel = (nint)weight.K * MatrixTile.Columns,
                    C = products + column,
                    CRow = weight.N,
                    CPanel = MatrixTile.Columns,
                    Columns = columns,
                };
                if (MatrixTile.IsWideFaster) MatrixTile.Wide(tiles, o);
                else MatrixTile.Panel(tiles, o);
            }
        }

        /// <summary>Bᵀ d B of the 4 × 4 pixels under a tile, each component <paramref name="apart"/> from the next.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Read(int row, int tile, float* zeros, float* to, nint apart)
        {
            var (image, tileRow) = Math.DivRem(row, TileRows);
            var (channels, width) = (Shape.Channels, Shape.Width + 2 * Around);
            var from = X + (nint)image * (Shape.Height + 2 * Around) * width * channels;
            var pixels = stackalloc float*[Components];
            for (var i = 0; i < Components; i++)
            {
                var (y, x) = (2 * tileRow + i / Side - Shape.Padding + Around, 2 * tile + i % Side - Shape.Padding + Around);
                pixels[i] = (uint)y < (uint)(Shape.Height + 2 * Around) && (uint)x < (uint)width
                    ? from + ((nint)y * width + x) * channels
                    : zeros;
            }

            for (nint c = 0; c < channels; c += Lanes)
            {
                var target = to + c;
                Difference(pixels, 0, 2 * Side, c, target, apart);
                Sum(pixels, Side, 2 * Side, c, target + Side * apart, apart);
                Difference(pixels, 2 * Side, Side, c, target + 2 * Side * apart, apart);
                Difference(pixels, Side, 3 * Side, c, target + 3 * Side * apart, apart);
            }
        }

        /// <summary>The components of one row minus another.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Difference(float** pixels, int row, int other, nint c, float* to, nint apart) => Store(
            Vector256.Load(pixels[row] + c) - Vector256.Load(pixels[other] + c),
            Vector256.Load(pixels[row + 1] + c) - Vector256.Load(pixels[other + 1] + c),
            Vector256.Load(pixels[row + 2] + c) - Vector256.Load(pixels[other + 2] + c),
            Vector256.Load(pixels[row + 3] + c) - Vector256.Load(pixels[other + 3] + c), to, apart);

        /// <summary>The components of one row plus another.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Sum(float** pixels, int row, int other, nint c, float* to, nint apart) => Store(
            Vector256.Load(pixels[row] + c) + Vector256.Load(pixels[other] + c),
            Vector256.Load(pixels[row + 1] + c) + Vector256.Load(pixels[other + 1] + c),
            Vector256.Load(pixels[row + 2] + c) + Vector256.Load(pixels[other + 2] + c),
            Vector256.Load(pixels[row + 3] + c) + Vector256.Load(pixels[other + 3] + c), to, apart);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store(Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* to, nint apart)
        {
            (r0 - r2).Store(to);
            (r1 + r2).Store(to + apart);
            (r2 - r1).Store(to + 2 * apart);
            (r1 - r3).Store(to + 3 * apart);
        }

        /// <summary>Aᵀ m A of a row of tiles, with what follows.</summary>
        private readonly void Write(int row, float* products, nint apart)
        {
            var (image, tileRow) = Math.DivRem(row, TileRows);
            var outputs = Shape.Outputs;
            var sumRow = (outputs + MatrixTile.Columns - 1) / MatrixTile.Columns * MatrixTile.Columns;
            var sums = PackingBuffer.Rent(PackingBuffer.Tiles, 4L * TilesInRow * sumRow);
            var below = 2 * (nint)TilesInRow * sumRow;
            for (nint tile = 0; tile < TilesInRow; tile++)
                Back(products + tile * outputs, apart, sums + 2 * tile * sumRow, sumRow, below);
            for (var i = 0; i < 2 && 2 * tileRow + i < Shape.OutHeight; i++)
            {
                var at = ((nint)image * Shape.OutHeight + 2 * tileRow + i) * Shape.OutWidth * outputs;
                EpilogueTile.Write(Epilogue.Activation, Shape.OutWidth, outputs, sums + i * below, sumRow, Y + at, outputs,
                    Epilogue.Residual == null ? null : Epilogue.Residual + at, outputs);
            }
        }

        /// <summary>One tile: two results side by side and the two below.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Back(float* products, nint apart, float* to, nint right, nint below)
        {
            for (nint c = 0; c < Shape.Outputs; c += Lanes)
            {
                var bias = Epilogue.Bias == null ? Vector256<float>.Zero : Vector256.Load(Epilogue.Bias + c);
                var from = products + c;
                var (a0, b0) = Columns(from, apart);
                var (a1, b1) = Columns(from + apart, apart);
                var (a2, b2) = Columns(from + 2 * apart, apart);
                var (a3, b3) = Columns(from + 3 * apart, apart);
                (a0 + a1 + a2 + bias).Store(to + c);
                (a1 - a2 - a3 + bias).Store(to + right + c);
                (b0 + b1 + b2 + bias).Store(to + below + c);
                (b1 - b2 - b3 + bias).Store(to + below + right + c);
            }
        }

        /// <summary>Aᵀ times one column of components.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static (Vector256<float> Top, Vector256<float> Low) Columns(float* from, nint apart)
        {
            var (m0, m1) = (Vector256.Load(from), Vector256.Load(from + Side * apart));
            var (m2, m3) = (Vector256.Load(from + 2 * Side * apart), Vector256.Load(from + 3 * Side * apart));
            return (m0 + m1 + m2, m1 - m2 - m3);
        }
    }
}
