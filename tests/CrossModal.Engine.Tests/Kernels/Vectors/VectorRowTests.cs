using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

public sealed class VectorRowTests
{
    [Fact]
    public void One_number_that_is_not_finite_is_found_wherever_it_stands()
    {
        for (var n = 0; n <= 37; n++)
        {
            using var memory = new GuardedMemory(n);
            var row = memory.Span;
            for (var i = 0; i < n; i++) row[i] = i % 2 == 0 ? float.MaxValue : -float.Epsilon;
            Assert.True(VectorRow.IsFinite(row));
            for (var i = 0; i < n; i++)
            {
                var kept = row[i];
                foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
                {
                    row[i] = bad;
                    Assert.False(VectorRow.IsFinite(row), $"{bad} at {i} of {n}");
                }

                row[i] = kept;
            }
        }
    }
}
