using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head.

/// <summary>The sizes that are measured: a large square, the products of attention layers and of a small policy, and their
/// attention.</summary>
internal static class KernelCases
{
    /// <summary>Sizes of attention that are measured.</summary>
    public static IReadOnlyList<AttentionSize> AttentionSizes { get; } =
        [new(48, 10, 64, 4, 16), new(64, 12, 64, 8, 16), new(1, 16, 196, 8, 64), new(8, 16, 196, 8, 64)];

    /// <summary>The convolutions of a policy's vision encoder at 64 x 64 pixels.</summary>
    private static readonly ConvolutionShape[] Convolutions =
    [
        new(16, 3, 64, 64, 24, 3, 3, Stride: 2, Padding: 1), new(16, 24, 32, 32, 48, 3, 3, Stride: 2, Padding: 1),
        new(16, 48, 16, 16, 64, 3, 3, Stride: 2, Padding: 1), new(16, 64, 8, 8, 64, 3, 3, Stride: 1, Padding: 1),
    ];

    /// <summary>All cases with their operands filled.</summary>
    public static IReadOnlyList<KernelCase> All() =>
    [
        Product(1024, 1024, 1024), Product(196, 512, 512), Product(3072, 64, 64), Product(480, 64, 64), Product(64, 64, 64),
        .. AttentionSizes.Select(Attention).SelectMany(a => new[] { a.Forward, a.Backward }),
        .. Convolutions.SelectMany(Convolution),
    ];

    private static KernelCase Product(int m, int n, int k)
    {
        var (a, b, c) = (Values(1, m * k), Values(2, k * n), new float[m * n]);
        return new($"product {m} x {n} x {k}", 2.0 * m * n * k,
            workers => MatrixProduct.Run(m, n, k, a, k, 1, b, n, 1, c, n, default, false, workers));
    }

    private static KernelCase[] Convolution(ConvolutionShape s)
    {
        var (x, weight, bias, y) = (Values(1, s.Batch * s.Image), Values(2, s.Outputs * s.Window), Values(3, s.Outputs),
            Values(4, s.Batch * s.Result));
        var (dx, dWeight, dBias) = (new float[x.Length], new float[weight.Length], new float[bias.Length]);
        var product = 2.0 * s.Batch * s.Result * s.Window;
        var name = $"convolution {s.Batch} x {s.Channels} x {s.Height} x {s.Width} to {s.Outputs}";
        return
        [
            new(name, product, workers => ConvolutionKernel.Forward(s, x, weight, bias, y, workers)),
            new($"backward    {s.Batch} x {s.Channels} x {s.Height} x {s.Width} to {s.Outputs}", 2 * product,
                workers => ConvolutionKernel.Backward(s, x, weight, y, dx, dWeight, dBias, workers)),
        ];
    }

    /// <summary>Attention of a size, forward and backward, with its operands filled.</summary>
    public static (KernelCase Forward, KernelCase Backward) Attention(AttentionSize size)
    {
        var (batch, queries, keys, heads, headDim) = size;
        var shape = new AttentionShape(batch, queries, keys, heads, headDim, headDim);
        var width = heads * headDim;
        var (q, k, v) = (Values(1, batch * queries * width), Values(2, batch * keys * width), Values(3, batch * keys * width));
        var (output, dOutput) = (new float[q.Length], Values(4, q.Length));
        var (dq, dk, dv) = (new float[q.Length], new float[k.Length], new float[v.Length]);
        var scale = 1 / MathF.Sqrt(headDim);
        var product = 2.0 * batch * heads * queries * keys * headDim;
        return
        (
            new($"attention {size}", 2 * product, workers => AttentionKernel.Forward(
                shape, scale, q, width, k, width, v, width, default, default, default, output, default, workers)),
            new($"backward  {size}", 5 * product, workers => AttentionKernel.Backward(
                shape, scale, q, width, k, width, v, width, default, default, default, dOutput, dq, dk, dv, default, workers))
        );
    }

    /// <summary>Numbers in [-1, 1), the same for the same seed.</summary>
    public static float[] Values(int seed, int length)
    {
        var random = new Random(seed);
        var values = new float[length];
        foreach (ref var value in values.AsSpan()) value = random.NextSingle() * 2 - 1;
        return values;
    }
}
