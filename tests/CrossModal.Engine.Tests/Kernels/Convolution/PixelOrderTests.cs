using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class PixelOrderTests
{
    [Fact]
    public void Planes_are_scaled_and_lie_pixel_by_pixel_in_a_frame_of_zeros()
    {
        foreach (var channels in (int[])[1, 2, 3, 4, 7])
        {
            foreach (var width in (int[])[1, 5, 15, 16, 17, 32, 50])
            {
                foreach (var around in (int[])[0, 1, 2])
                {
                    const int batch = 2, height = 3;
                    using var planes = new GuardedMemory(Numbers.Random(width, batch * channels * height * width), around == 1);
                    using var result = new GuardedMemory(PixelFrames.Length(batch, height, width, channels, around), around == 1);
                    PixelOrder.Run(batch, channels, height, width, planes, 2.1f, -0.7f, around, result);
                    var scaled = planes.Span.ToArray();
                    for (var i = 0; i < scaled.Length; i++)
                    {
                        var product = scaled[i] * 2.1f;
                        scaled[i] = product + -0.7f;
                    }

                    var expected = Pixels.Framed(Pixels.Of(scaled, batch, channels, height * width), batch, height, width, channels,
                        around);
                    Numbers.SameBits(expected, result, $"{channels} channels, {width} wide, {around} around");
                }
            }
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PixelOrder.Run(1, 3, 4, 4, new float[47], 1, 0, 0, new float[48]));
        Assert.Throws<ArgumentException>(() => PixelOrder.Run(1, 3, 4, 4, new float[48], 1, 0, 1, new float[48]));
    }
}
