using CrossModal.Benchmarks.Cases;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Tests.Cases;

public sealed class ProductTests
{
    [Fact]
    public void Names_are_read_as_they_are_written()
    {
        Assert.All(ProductSize.All, size => Assert.Equal(size, ProductSize.Parse(size.Name)));
        Assert.Equal(2.0 * 64 * 64 * 64 * 512, ProductSize.Parse("64x64x64b512").Flops);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1x2")]
    [InlineData("1x2x3x4")]
    [InlineData("1x0x3")]
    [InlineData("1x2x3b")]
    [InlineData("1x2x3b4b5")]
    [InlineData("ax2x3")]
    public void What_is_not_a_product_is_refused(string name) => Assert.Throws<ArgumentException>(() => ProductSize.Parse(name));

    [Theory]
    [InlineData("5x7x9", true)]
    [InlineData("5x7x9", false)]
    [InlineData("1x17x3", true)]
    [InlineData("4x3x5b6", true)]
    public void Products_agree_with_float64(string name, bool constant) =>
        Assert.InRange(new ProductJob(ProductSize.Parse(name), constant, Workers.Single).MaxError(), 0, 1e-5);
}
