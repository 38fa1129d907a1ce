using CrossModal.Benchmarks.Kernels;
using CrossModal.Engine.Kernels;
using CrossModal.Imaging;

namespace CrossModal.Benchmarks.Widths;

/// <summary>The kernels that lie between the products of a policy, at its sizes and at larger ones.</summary>
internal static class WidthCases
{
    // Products and multiply-adds of one number, as the kernels compute them.
    private const double Exp = 11, Gelu = 23, GeluDerivative = 2;

    /// <summary>The convolutions of a policy's vision encoder.</summary>
    private static readonly ConvolutionShape[] Convolutions =
    [
        new(1, 3, 64, 64, 24, 3, 3, Stride: 2, Padding: 1), new(1, 24, 32, 32, 48, 3, 3, Stride: 2, Padding: 1),
        new(1, 48, 16, 16, 64, 3, 3, Stride: 2, Padding: 1), new(1, 64, 8, 8, 64, 3, 3, Stride: 1, Padding: 1),
        new(1, 16, 64, 64, 16, 3, 3, Stride: 1, Padding: 1),
    ];

    private static readonly Func<IEnumerable<WidthCase>>[] Groups =
    [
        () => Softmax(128, 64), () => Softmax(16, 1000), () => Norm(64, 128), () => Activation(16384), Sums, Rows, Pictures,
        () => Convolutions.SelectMany(Convolution), () => KernelCases.AttentionSizes.SelectMany(Attention),
    ];

    /// <summary>All cases; their operands are filled when a case is made.</summary>
    public static IReadOnlyList<WidthCase> All() => [.. Groups.SelectMany(group => group())];

    private static IEnumerable<WidthCase> Softmax(int rows, int n)
    {
        var (x, dy, y, log, dx) = (KernelCases.Values(1, rows * n), KernelCases.Values(2, rows * n), new float[rows * n],
            new float[rows * n], new float[rows * n]);
        SoftmaxKernel.Forward(x, y, rows, n, Workers.Single);
        LogSoftmaxKernel.Forward(x, log, rows, n, Workers.Single);
        var (bytes, count, size) = (4L * rows * n, 2.0 * rows * n, $"{rows}x{n}");
        yield return new($"softmax:{size}", bytes, bytes, (Exp + 1) * count, w => SoftmaxKernel.Forward(x, dx, rows, n, w));
        yield return new($"softmax-backward:{size}", 2 * bytes, bytes, 2 * count, w => SoftmaxKernel.Backward(y, dy, dx, rows, n, w));
        yield return new($"log-softmax:{size}", bytes, bytes, Exp * count, w => LogSoftmaxKernel.Forward(x, dx, rows, n, w));
        yield return new($"log-softmax-backward:{size}", 2 * bytes, bytes, (Exp + 1) * count,
            w => LogSoftmaxKernel.Backward(log, dy, dx, rows, n, w));
    }

    private static IEnumerable<WidthCase> Norm(int rows, int d)
    {
        var (x, dy, gamma, beta) = (KernelCases.Values(1, rows * d), KernelCases.Values(2, rows * d), KernelCases.Values(3, d),
            KernelCases.Values(4, d));
        var (y, mean, inverse, dgamma, dbeta) = (new float[rows * d], new float[rows], new float[rows], new float[d], new float[d]);
        var (bytes, count) = (4L * rows * d, 2.0 * rows * d);
        yield return new($"layer-norm:{rows}x{d}", bytes, bytes, 3 * count,
            w => LayerNormKernel.Forward(x, gamma, beta, y, mean, inverse, rows, d, 1e-5f, w));
        yield return new($"layer-norm-backward:{rows}x{d}", 2 * bytes, bytes, 7 * count,
            w => LayerNormKernel.Backward(x, gamma, mean, inverse, dy, y, dgamma, dbeta, rows, d, false, w));
    }

    private static IEnumerable<WidthCase> Activation(int n)
    {
        var (x, dy, y, slope) = (KernelCases.Values(1, n), KernelCases.Values(2, n), new float[n], new float[n]);
        var (bytes, count) = (4L * n, 2.0 * n);
        yield return new($"gelu:{n}", bytes, bytes, Gelu * count, w => Activations.Apply<Gelu>(x, y, w));
        yield return new($"gelu-and-slope:{n}", bytes, 2 * bytes, (Gelu + GeluDerivative) * count,
            w => Activations.ApplyWithDerivative<Gelu>(x, y, slope, w));
        yield return new($"gelu-backward:{n}", 2 * bytes, bytes, (Gelu + GeluDerivative + 1) * count,
            w => Activations.Backward<Gelu>(x, y, dy, slope, w));
        yield return new($"silu:{n}", bytes, bytes, (Exp + 5) * count, w => Activations.Apply<Silu>(x, y, w));
        yield return new($"relu:{n}", bytes, bytes, 0, w => Activations.Apply<Relu>(x, y, w));
        yield return new($"relu-backward:{n}", 2 * bytes, bytes, count, w => Activations.Backward<Relu>(x, y, dy, slope, w));
    }

    private static IEnumerable<WidthCase> Sums()
    {
        const int rows = 256, columns = 64, parameters = 1 << 14;
        var (x, sum) = (KernelCases.Values(1, rows * columns), new float[columns]);
        yield return new($"column-sums:{rows}x{columns}", 4L * rows * columns, 4L * columns, 0,
            _ => ColumnSums.Add(rows, columns, x, sum));
        var (gradient, parameter, mean, square) = (KernelCases.Values(1, parameters), KernelCases.Values(2, parameters),
            new float[parameters], new float[parameters]);
        var numbers = new AdamNumbers(1, 0, 0.9, 0.999, 1e-3, 1, 1e-8);
        yield return new($"adam:{parameters}", 16L * parameters, 12L * parameters, 12.0 * 2 * parameters,
            _ => AdamKernel.Run(numbers, gradient, parameter, mean, square, default));
    }

    private static unsafe WidthCase[] Rows()
    {
        const int rows = 128, columns = 64;
        var (x, y) = (KernelCases.Values(1, rows * columns), new float[rows * columns]);
        var bytes = 4L * rows * columns;
        const int depth = 512, width = 64;
        var (right, packed) = (KernelCases.Values(3, depth * width), new float[depth * width]);
        return
        [
            Case("dot", 2 * bytes, 0, (a, b) => b[0] = VectorRow.Dot(a, a + columns, columns)),
            Case("add-scaled", 2 * bytes, bytes, (a, b) => VectorRow.AddScaled(b, a, columns, 0.5f)),
            Tile("tile-add", 2 * bytes, (keys, a, b) => AttentionTile.Add(keys, b, a)),
            Tile("tile-multiply", 2 * bytes, (keys, a, b) => AttentionTile.Multiply(keys, b, a)),
            Tile("tile-add-to-rows", bytes, (keys, a, b) => AttentionTile.AddToRows(keys, b, a)),
            new($"pack-panels:{depth}x{width}", 4L * right.Length, 4L * right.Length, 0, _ =>
            {
                fixed (float* from = right, to = packed) MatrixPacking.PackPanels(depth, width, from, width, 1, to);
            }),
        ];

        WidthCase Case(string name, long read, long written, OfRows call) => new($"{name}:{rows}x{columns}", read, written, bytes / 2, _ =>
        {
            fixed (float* from = x, to = y)
                for (var i = 0; i < rows - 1; i++) call(from + i * columns, to + i * columns);
        });

        WidthCase Tile(string name, long read, OfTile call) => new($"{name}:{rows * columns / AttentionTile.Queries}", read, bytes, 0, _ =>
        {
            fixed (float* from = x, to = y) call(rows * columns / AttentionTile.Queries, from, to);
        });
    }

    private unsafe delegate void OfRows(float* from, float* to);

    private unsafe delegate void OfTile(int keys, float* from, float* to);

    private static IEnumerable<WidthCase> Pictures()
    {
        const int width = 640, height = 480, block = 64, size = 64, taps = 20;
        var picture = new byte[width * height * RgbImage.Channels];
        new Random(1).NextBytes(picture);
        var (stride, columns, planes) = (width * RgbImage.Channels, new byte[width * RgbImage.Channels * block],
            new float[RgbImage.Channels * size * size]);
        var weights = new int[taps];
        weights.AsSpan().Fill((1 << ResizeKernel.FractionBits) / taps);
        var sums = new byte[stride];
        var preprocessor = new FramePreprocessor(size);
        yield return new("transpose-bytes:64x1920", columns.Length, columns.Length, 0,
            _ => ByteTranspose.Run(block, stride, picture, stride, columns, block));
        yield return new("sum-rows:20x1920", taps * stride, stride, 2.0 * taps * stride,
            _ => ResizeKernel.SumRows(picture, stride, weights, sums));
        yield return new("picture:640x480", picture.Length, 4L * planes.Length, 2 * 2.0 * picture.Length,
            _ => preprocessor.Encode(new Frame(picture, width, height, PixelFormat.Rgb), planes));
    }

    private static IEnumerable<WidthCase> Convolution(ConvolutionShape s)
    {
        var (x, weight, bias, y) = (KernelCases.Values(1, s.Image), KernelCases.Values(2, s.Outputs * s.Window),
            KernelCases.Values(3, s.Outputs), KernelCases.Values(4, s.Result));
        var (columns, dx, dWeight, dBias) = (new float[s.Window * s.Pixels], new float[s.Image], new float[weight.Length],
            new float[bias.Length]);
        var (image, windows) = (4L * s.Image, 4L * columns.Length);
        var name = $"{s.Channels}x{s.Height}x{s.Width}/{s.Stride}";
        yield return new($"im2col:{name}", image, windows, 0, _ => Im2Col.Gather(s, x, columns));
        yield return new($"im2col-panels:{name}", image, windows, 0, _ => Panels(s, x, columns));
        yield return new($"im2col-back:{name}", windows, image, 0, _ => Im2Col.Scatter(s, columns, dx));
        var flops = 2.0 * s.Window * s.Result;
        yield return new($"convolution:{name}", image, 4L * s.Result, flops, w => ConvolutionKernel.Forward(s, x, weight, bias, y, w));
        yield return new($"convolution-backward:{name}", 2 * image, image, 2 * flops,
            w => ConvolutionKernel.Backward(s, x, weight, y, dx, dWeight, dBias, w));
    }

    private static unsafe void Panels(in ConvolutionShape s, float[] image, float[] panels)
    {
        fixed (float* from = image, to = panels) Im2Col.GatherPanels(s, from, 0, s.Pixels, to);
    }

    private static IEnumerable<WidthCase> Attention(AttentionSize size)
    {
        var (forward, backward) = KernelCases.Attention(size);
        var tokens = 4L * size.Batch * size.Heads * size.HeadDim;
        var (queries, keys) = (tokens * size.Queries, 2 * tokens * size.Keys);
        var name = $"{size.Batch}x{size.Queries}x{size.Keys}x{size.Heads}x{size.HeadDim}";
        yield return new($"attention:{name}", queries + keys, queries, forward.Flops, forward.Call);
        yield return new($"attention-backward:{name}", 2 * queries + keys, queries + keys, backward.Flops, backward.Call);
    }
}
