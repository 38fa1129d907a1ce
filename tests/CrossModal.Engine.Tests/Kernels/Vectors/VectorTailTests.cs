using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed unsafe class VectorTailTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_sixteen_lanes_only_those_asked_for_are_read_and_written(bool atEnd)
    {
        for (var count = 1; count <= Vector512<float>.Count; count++)
        {
            using var from = new GuardedMemory(Numbers.Random(count, count), atEnd);
            using var to = new GuardedMemory(count, atEnd);
            fixed (float* source = from.Span, target = to.Span)
            {
                var lanes = VectorTail.LoadWide(source, count);
                for (var i = 0; i < Vector512<float>.Count; i++) Assert.Equal(i < count ? source[i] : 0, lanes.GetElement(i));
                VectorTail.Store(lanes, target, count);
            }

            Numbers.SameBits(from, to, $"{count} lanes");
        }
    }
}
