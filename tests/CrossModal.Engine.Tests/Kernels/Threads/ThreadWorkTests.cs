using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

public sealed class ThreadWorkTests
{
    [Theory]
    [InlineData(1, 8, 1)]
    [InlineData(1 << 18, 8, 1)]
    [InlineData(1 << 20, 2, 2)]
    [InlineData(1e12, 3, 3)]
    [InlineData(1e12, 0, 1)]
    public void A_second_thread_is_called_when_each_has_two_microseconds_of_work(double flops, long most, int expected) =>
        Assert.Equal(expected, ThreadWork.Parts(flops, most));
}
