using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class KernelAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_kernel_allocates_managed_memory(int threads)
    {
        using var workers = new Workers(threads);
        var (x, y, z, g) = (Numbers.Random(1, 128 * 128), new float[128 * 128], new float[128 * 128], new float[128]);
        var (mean, inverse) = (new float[128], new float[128]);
        var shape = new AttentionShape(8, 16, 16, 4, 32, 32);
        float[] mask = new float[16];
        var packed = PackedMatrix.Pack(x, 128, 128, 1, 128);

        void All()
        {
            MatrixProduct.Run(128, 128, 128, x, 128, 1, x, 1, 128, y, 128, g, true, workers);
            MatrixProduct.Run(128, 3, 128, x, 1, 128, x, 1, 128, y, 128, default, false, workers);
            MatrixProduct.Run(32, 32, 2048, x, 1, 7, x, 7, 1, y, 32, default, false, workers);
            MatrixProduct.Batched(4, 32, 32, 32, x, 1024, 32, 1, x, 1024, 32, 1, y, 1024, 32, false, workers);
            PackedProduct.Run(x, 128, 128, packed, y, 128, g, EpilogueActivation.Gelu, x, 128, workers);
            Activations.Apply<Gelu>(x, y, workers);
            Activations.Backward<Gelu>(x, y, x, z, workers);
            Activations.ApplyWithDerivative<Gelu>(x, y, z, workers);
            ColumnSums.Add(128, 128, x, g);
            SoftmaxKernel.Forward(x, y, 128, 128, workers);
            SoftmaxKernel.Backward(y, x, z, 128, 128, workers);
            LogSoftmaxKernel.Forward(x, y, 128, 128, workers);
            LogSoftmaxKernel.Backward(y, x, z, 128, 128, workers);
            LayerNormKernel.Forward(x, g, g, y, mean, inverse, 128, 128, 1e-5f, workers);
            LayerNormKernel.Backward(x, g, mean, inverse, x, z, default, default, 128, 128, false, workers);
            AttentionKernel.Forward(shape, 1, x, 128, x, 128, x, 128, mask, new(1, 1, 1, 16), default, y, default, workers);
            AttentionKernel.Backward(shape, 1, x, 128, x, 128, x, 128, mask, new(1, 1, 1, 16), default, x, z, z, z, mask, workers);
        }

        for (var i = 0; i < 40; i++) All();
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 10; i++) All();
        }));
    }
}
