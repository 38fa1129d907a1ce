using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Tensors;

public sealed class PromisedTensorTests
{
    [Fact]
    public void Without_randomness_every_tensor_is_zeros_and_every_number_0()
    {
        Assert.All(Promised([3, 4]).ToArray(), x => Assert.Equal(0, x));
        Assert.All(CrossModal.Engine.Tensors.Tensor.Normal([5], RandomSource.None).ToArray(), x => Assert.Equal(0, x));
        Assert.Empty(Promised([0, 4]).ToArray());
        Assert.Equal(0, RandomSource.None.NextGaussian());
        Assert.Equal(0, RandomSource.None.NextSingle());
        Assert.Equal(0UL, RandomSource.None.NextUInt64());
    }

    [Fact]
    public void The_source_without_randomness_that_everyone_shares_cannot_be_given_any()
    {
        Assert.Throws<InvalidOperationException>(() => RandomSource.None.Restart(1));
        var copy = new RandomSource(1);
        copy.CopyFrom(RandomSource.None);
        Assert.Equal(0, copy.NextGaussian());
    }

    [Fact]
    public void Memory_nobody_looked_at_is_not_made_and_becomes_the_array_given()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tensor = Promised([1024, 1024]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        var view = tensor.View([1024 * 1024]);
        var values = new float[1024 * 1024];
        values[7] = 3;
        tensor.Adopt(values);
        values[8] = 4;
        Assert.Equal([3f, 4f], tensor.Span[7..9].ToArray());
        Assert.Equal([3f, 4f], view.Span[7..9].ToArray());
    }

    [Fact]
    public void Memory_somebody_looked_at_stays_where_it_is()
    {
        foreach (var tensor in (CrossModal.Engine.Tensors.Tensor[])[Promised([2]), CrossModal.Engine.Tensors.Tensor.From([1, 2], [2])])
        {
            var seen = tensor.Span;
            float[] values = [5, 6];
            tensor.Adopt(values);
            values[0] = 9;
            Assert.Equal([5f, 6f], seen.ToArray());
            Assert.Equal([5f, 6f], tensor.ToArray());
        }
    }

    [Fact]
    public void Threads_that_look_at_once_see_the_same_memory()
    {
        for (var round = 0; round < 200; round++)
        {
            var tensor = Promised([4]);
            Parallel.For(0, 4, i => tensor.Span[i] = i + 1);
            Assert.Equal([1f, 2f, 3f, 4f], tensor.ToArray());
        }
    }

    private static CrossModal.Engine.Tensors.Tensor Promised(Shape shape) =>
        CrossModal.Engine.Tensors.Tensor.Uniform(shape, RandomSource.None, -1, 1);
}
