using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

/// <summary>Every number of 8 bits, computed from its fields as the papers define them.</summary>
public sealed class SmallFloatTests
{
    [Theory]
    [InlineData(ElementType.F8E4M3, 0x00, 0.0)]
    [InlineData(ElementType.F8E4M3, 0x01, 0.001953125)]
    [InlineData(ElementType.F8E4M3, 0x08, 0.015625)]
    [InlineData(ElementType.F8E4M3, 0x38, 1.0)]
    [InlineData(ElementType.F8E4M3, 0x7E, 448.0)]
    [InlineData(ElementType.F8E4M3, 0xFE, -448.0)]
    [InlineData(ElementType.F8E4M3, 0x7F, double.NaN)]
    [InlineData(ElementType.F8E4M3, 0xFF, double.NaN)]
    [InlineData(ElementType.F8E5M2, 0x3C, 1.0)]
    [InlineData(ElementType.F8E5M2, 0x01, 1.52587890625e-05)]
    [InlineData(ElementType.F8E5M2, 0x7B, 57344.0)]
    [InlineData(ElementType.F8E5M2, 0x7C, double.PositiveInfinity)]
    [InlineData(ElementType.F8E5M2, 0xFC, double.NegativeInfinity)]
    [InlineData(ElementType.F8E5M2, 0x7D, double.NaN)]
    [InlineData(ElementType.F8E8M0, 0x7F, 1.0)]
    [InlineData(ElementType.F8E8M0, 0x00, 5.877471754111438e-39)]
    [InlineData(ElementType.F8E8M0, 0xFE, 1.7014118346046923e38)]
    [InlineData(ElementType.F8E8M0, 0xFF, double.NaN)]
    public void A_pattern_has_the_published_value(ElementType type, byte bits, double value)
    {
        var array = new StoredArray(type, [1], [bits]);
        Assert.Equal(value, array.ToDoubles()[0]);
        Assert.Equal((float)value, array.ToSingles()[0]);
        Assert.Equal(value != 0, array.ToBooleans()[0]);
    }

    [Fact]
    public void Every_pattern_is_what_its_fields_say()
    {
        for (var bits = 0; bits < 256; bits++)
        {
            Assert.Equal(bits is 0x7F or 0xFF ? double.NaN : OfFields(bits, mantissa: 3, bias: 7), SmallFloat.OfE4M3((byte)bits));
            var special = (bits & 0x7C) == 0x7C;
            if (!special) Assert.Equal(OfFields(bits, mantissa: 2, bias: 15), SmallFloat.OfE5M2((byte)bits));
            Assert.Equal(bits == 255 ? double.NaN : Math.Pow(2, bits - 127), SmallFloat.OfE8M0((byte)bits));
        }
    }

    [Fact]
    public void Negative_zero_is_false_in_a_type_with_a_sign_and_no_number_where_there_is_none()
    {
        Assert.Equal([false, true], new StoredArray(ElementType.F8E4M3, [2], [0x80, 0x81]).ToBooleans());
        Assert.Equal([false, true], new StoredArray(ElementType.F8E5M2, [2], [0x80, 0x81]).ToBooleans());
        Assert.Throws<InvalidOperationException>(() => new StoredArray(ElementType.F8E4M3, [1], [0x30]).ToInt64s());
    }

    private static double OfFields(int bits, int mantissa, int bias)
    {
        var (sign, exponent, fraction) = (bits >> 7 == 1 ? -1 : 1, (bits & 0x7F) >> mantissa,
            (bits & ((1 << mantissa) - 1)) / (double)(1 << mantissa));
        return sign * (exponent == 0 ? fraction * Math.Pow(2, 1 - bias) : (1 + fraction) * Math.Pow(2, exponent - bias));
    }
}
