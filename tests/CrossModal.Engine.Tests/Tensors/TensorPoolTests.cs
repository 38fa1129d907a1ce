using System.Runtime.CompilerServices;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Tensors;

public sealed class TensorPoolTests
{
    [Fact]
    public void Blocks_of_every_length_are_large_enough_aligned_and_used_again()
    {
        var pool = new TensorPool();
        for (var length = 0; length < 3000; length += 7)
        {
            using var pass = Pass.Evaluation(pool: pool);
            var span = pass.Rent([length]).Span;
            Assert.Equal(length, span.Length);
            span.Fill(1);
            if (length > 0) Assert.Equal(0, Address(span) % 64);
        }

        Assert.Equal(0, pool.Outstanding);
        float[] first;
        using (var pass = Pass.Evaluation(pool: pool)) first = Mark(pass.Rent([100]));
        using (var pass = Pass.Evaluation(pool: pool)) Assert.Equal(first, pass.Rent([100]).ToArray());
    }

    [Fact]
    public void A_poisoned_pool_hands_out_nothing_but_NaN()
    {
        var pool = new TensorPool(poison: true);
        using (var pass = Pass.Evaluation(pool: pool)) Mark(pass.Rent([100]));
        using (var pass = Pass.Evaluation(pool: pool)) Assert.All(pass.Rent([100]).ToArray(), v => Assert.True(float.IsNaN(v)));
    }

    private static float[] Mark(Tensor tensor)
    {
        tensor.Span.Fill(42);
        return tensor.ToArray();
    }

    private static unsafe long Address(Span<float> span) => (long)Unsafe.AsPointer(ref span[0]);
}
