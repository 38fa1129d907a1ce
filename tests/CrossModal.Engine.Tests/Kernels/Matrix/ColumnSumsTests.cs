using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class ColumnSumsTests
{
    [Fact]
    public void Every_width_to_140_adds_row_after_row_and_nothing_beside()
    {
        for (var columns = 0; columns <= 140; columns++)
        {
            var rows = columns % 7;
            using var x = new GuardedMemory(Numbers.Random(columns, rows * columns), columns % 2 == 0);
            using var sum = new GuardedMemory(Numbers.Random(columns + 1, columns), columns % 2 == 0);
            var expected = sum.Span.ToArray();
            for (var i = 0; i < rows; i++)
                for (var j = 0; j < columns; j++) expected[j] += x.Span[i * columns + j];
            ColumnSums.Add(rows, columns, x, sum);
            Numbers.SameBits(expected, sum, $"{rows} rows of {columns}");
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused_by_name() =>
        Assert.Contains("sum has 2", Assert.Throws<ArgumentException>(() => ColumnSums.Add(2, 3, new float[6], new float[2])).Message);
}
