using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public class StoredArrayTests
{
    public static TheoryData<ElementType, byte[], double> Ones() => new()
    {
        { ElementType.F16, [0x00, 0xC1], -2.5 },
        { ElementType.BF16, [0x20, 0xC0], -2.5 },
        { ElementType.F32, [0, 0, 0x20, 0xC0], -2.5 },
        { ElementType.F64, [0, 0, 0, 0, 0, 0, 0x04, 0xC0], -2.5 },
        { ElementType.I8, [0xFE], -2 },
        { ElementType.U8, [0xFE], 254 },
        { ElementType.I16, [0xFE, 0xFF], -2 },
        { ElementType.U16, [0xFE, 0xFF], 65534 },
        { ElementType.I32, [0xFE, 0xFF, 0xFF, 0xFF], -2 },
        { ElementType.U32, [0xFE, 0xFF, 0xFF, 0xFF], 4294967294 },
        { ElementType.I64, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], -2 },
        { ElementType.U64, [0xFE, 0xFF, 0, 0, 0, 1, 0, 0], 1099511693310 },
        { ElementType.F8E4M3, [0xC2], -2.5 },
        { ElementType.F8E5M2, [0xC1], -2.5 },
        { ElementType.Bool, [2], 1 },
    };

    [Theory]
    [MemberData(nameof(Ones))]
    public void Every_type_converts_to_every_other(ElementType type, byte[] bytes, double value)
    {
        Assert.Equal(bytes.Length, type.Size());
        var array = new StoredArray(type, [2], [.. new byte[bytes.Length], .. bytes]);
        Assert.Equal(2, array.Count);
        Assert.Equal([0f, (float)value], array.ToSingles());
        Assert.Equal([0.0, value], array.ToDoubles());
        Assert.Equal([false, true], array.ToBooleans());
        if (value == Math.Truncate(value))
            Assert.Equal([0L, (long)value], array.ToInt64s());
        else
            Assert.Equal(
                $"ToInt64s: element 1 of {type} [2] is -2.5, not a whole number",
                Assert.Throws<InvalidOperationException>(() => array.ToInt64s()).Message);
    }

    [Fact]
    public void Large_whole_numbers_stay_exact()
    {
        long[] values = [long.MaxValue, long.MinValue, (1L << 53) + 1];
        Assert.Equal(values, StoredArray.From(values, 3).ToInt64s());
        Assert.Equal([1L << 40], StoredArray.From([(double)(1L << 40)], 1).ToInt64s());
        Assert.Throws<InvalidOperationException>(() => StoredArray.From([double.NaN], 1).ToInt64s());
        Assert.Throws<InvalidOperationException>(() => StoredArray.From([1e30f], 1).ToInt64s());
    }

    [Fact]
    public void Unsigned_numbers_are_never_taken_for_negative_ones()
    {
        var large = new StoredArray(ElementType.U64, [2], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]);
        Assert.Equal([1.0, 9223372036854775808.0], large.ToDoubles());
        Assert.Equal([true, true], large.ToBooleans());
        Assert.Equal("ToInt64s: element 1 of U64 [2] is 9223372036854775808, over 9223372036854775807",
            Assert.Throws<InvalidOperationException>(() => large.ToInt64s()).Message);
        Assert.Equal([uint.MaxValue], new StoredArray(ElementType.U32, [1], [255, 255, 255, 255]).ToInt64s());
        Assert.Equal([65535f], new StoredArray(ElementType.U16, [1], [255, 255]).ToSingles());
    }

    [Fact]
    public void Special_numbers_survive_conversion()
    {
        var array = StoredArray.From([float.NaN, float.PositiveInfinity, -0f], 3);
        Assert.Equal([double.NaN, double.PositiveInfinity, -0.0], array.ToDoubles());
        Assert.Equal([true, true, false], array.ToBooleans());
    }

    [Fact]
    public void A_shape_that_does_not_fit_is_refused()
    {
        Assert.StartsWith(
            "StoredArray: F32 [2,3] does not fit 20 bytes",
            Assert.Throws<ArgumentException>(() => StoredArray.From(new float[5], 2, 3)).Message);
        Assert.StartsWith(
            "StoredArray: a dimension is negative: [-1,-3]",
            Assert.Throws<ArgumentException>(() => StoredArray.From(new float[3], -1, -3)).Message);
        Assert.Equal(1, StoredArray.From([7f]).Count);
        Assert.Equal(0, StoredArray.From(Array.Empty<float>(), 4, 0, int.MaxValue, int.MaxValue, int.MaxValue).Count);
    }
}
