using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class ResizeKernelTests
{
    [Fact]
    public void Every_width_to_140_sums_rows_to_the_bits_of_the_plain_sum_and_touches_nothing_beside()
    {
        var random = new Random(1);
        for (var columns = 0; columns <= 140; columns++)
        {
            var (count, gap) = (1 + columns % 9, columns % 4);
            var stride = columns + gap;
            var weights = new int[count];
            foreach (ref var weight in weights.AsSpan()) weight = random.Next(-1 << 20, 1 << 22) * 2 / count;
            using var rows = new GuardedBytes(Bytes(random, (count - 1) * stride + columns), columns % 2 == 0);
            using var sums = new GuardedBytes(new byte[columns], columns % 2 == 0);
            var expected = new byte[columns];
            for (var j = 0; j < columns; j++)
            {
                var exact = 0L;
                for (var i = 0; i < count; i++) exact += (long)weights[i] * rows.Span[i * stride + j];
                expected[j] = (byte)Math.Clamp((exact + (1 << 21)) >> 22, 0, 255);
            }

            ResizeKernel.SumRows(rows, stride, weights, sums);
            Assert.Equal(expected, sums.Span.ToArray());
            ResizeKernel.SumRowsPlain(rows, stride, weights, sums);
            Assert.Equal(expected, sums.Span.ToArray());
        }
    }

    [Fact]
    public void Sums_are_rounded_half_up_and_cut_to_a_byte()
    {
        foreach (var columns in new[] { 1, 16, 48, 64, 100 })
        {
            var rows = new byte[2 * columns];
            rows.AsSpan(0, columns).Fill(255);
            rows.AsSpan(columns).Fill(1);
            Assert.All(Sums([2 << 22, 0]), b => Assert.Equal(255, b));
            Assert.All(Sums([-1 << 22, 1 << 22]), b => Assert.Equal(0, b));
            Assert.All(Sums([0, 1 << 21]), b => Assert.Equal(1, b));
            Assert.All(Sums([0, (1 << 21) - 1]), b => Assert.Equal(0, b));

            byte[] Sums(int[] weights)
            {
                var sums = new byte[columns];
                ResizeKernel.SumRows(rows, columns, weights, sums);
                return sums;
            }
        }
    }

    [Fact]
    public void Every_shape_is_transposed_and_nothing_beside_it_is_touched()
    {
        var random = new Random(2);
        foreach (var rows in new[] { 1, 7, 15, 16, 17, 31, 32, 50, 64 })
        {
            for (var columns = 1; columns <= 150; columns += columns < 40 ? 1 : 13)
            {
                var (stride, targetStride, atEnd) = (columns + rows % 3, rows + columns % 3, columns % 2 == 0);
                using var source = new GuardedBytes(Bytes(random, (rows - 1) * stride + columns), atEnd);
                var before = Bytes(random, (columns - 1) * targetStride + rows);
                var expected = before.ToArray();
                for (var i = 0; i < rows; i++)
                    for (var j = 0; j < columns; j++) expected[j * targetStride + i] = source.Span[i * stride + j];
                using var target = new GuardedBytes(before, atEnd);
                ByteTranspose.Run(rows, columns, source, stride, target, targetStride);
                Assert.Equal(expected, target.Span.ToArray());
                before.CopyTo(target.Span);
                ByteTranspose.RunPlain(rows, columns, source, stride, target, targetStride);
                Assert.Equal(expected, target.Span.ToArray());
            }
        }
    }

    [Fact]
    public void Rows_that_do_not_fit_are_refused_by_name()
    {
        Assert.Equal("ResizeKernel: rows has 11 bytes, needs 12 for 2 rows of 5",
            Assert.Throws<ArgumentException>(() => ResizeKernel.SumRows(new byte[11], 7, new int[2], new byte[5])).Message);
        Assert.Equal("ResizeKernel: rows of 5 bytes do not fit a stride of 4 in rows",
            Assert.Throws<ArgumentException>(() => ResizeKernel.SumRows(new byte[99], 4, new int[2], new byte[5])).Message);
        Assert.Equal("ByteTranspose: target has 19 bytes, needs 20 for 5 rows of 4",
            Assert.Throws<ArgumentException>(() => ByteTranspose.Run(4, 5, new byte[20], 5, new byte[19], 4)).Message);
        Assert.Equal("ByteTranspose: source has 19 bytes, needs 20 for 4 rows of 5",
            Assert.Throws<ArgumentException>(() => ByteTranspose.Run(4, 5, new byte[19], 5, new byte[20], 4)).Message);
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
