using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class ByteNumbersTests
{
    [Fact]
    public void Every_length_has_the_bits_of_one_byte_after_the_other_and_touches_nothing_beside()
    {
        for (var n = 0; n <= 70; n++)
        {
            using var bytes = new GuardedBytes([.. Enumerable.Range(0, n).Select(i => (byte)(i * 37 + n))], n % 2 == 0);
            using var numbers = new GuardedMemory(n, n % 2 == 0);
            ByteNumbers.Scale(bytes, 1f / 255, numbers);
            for (var i = 0; i < n; i++) Numbers.SameBits([bytes.Span[i] * (1f / 255)], [numbers.Span[i]], $"{i} of {n}");
        }

        Assert.Equal("ByteNumbers: 3 bytes but 4 numbers",
            Assert.Throws<ArgumentException>(() => ByteNumbers.Scale(new byte[3], 1, new float[4])).Message);
    }
}
