using System.Globalization;
using System.Text;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Tensors;

/// <summary>The one generator: what was trained, drawn and measured from stored seeds stays reproducible while these numbers
/// stay.</summary>
public sealed class RandomSourceTests
{
    private static readonly ulong[] Seeds = [0, 1, 7, 0xC0DE, ulong.MaxValue];

    [Fact]
    public void Seeds_of_weights_and_batches_give_the_numbers_they_always_gave()
    {
        var text = new StringBuilder();
        foreach (var seed in Seeds)
        {
            var random = new RandomSource(seed, stream: seed);
            text.Append($"{random.NextUInt64():x16} {Bits(random.NextSingle())} {BitConverter.DoubleToInt64Bits(random.NextDouble()):x16} ");
            text.Append(CultureInfo.InvariantCulture,
                $"{random.NextInt(1000)} {Bits(random.NextGaussian())} {Bits(random.NextGaussian())} ");
            text.Append(CultureInfo.InvariantCulture, $"{Shuffled(random)} {random.NextUInt64():x16}\n");
        }

        Assert.Equal(
            """
            fb5405f7bd79c540 3ef01930 3fc50a3704c07f5c 282 3f5ac1d1 bf680157 45731260 4db81f75273392aa
            309714ec38d33b4c 3dde08a0 3fe549ef77de54b4 891 3f120437 bfc0cf8b 02543167 7d2c54c0ddafa7ea
            6bb0b5e651947cf9 3f73fbda 3fd7187651db6cb6 194 bf0b3e24 bf651dc4 10637254 a1ee170ef3a0f2b3
            a8e61b4b3091b285 3c0dc180 3fc7cae9e6ea0bcc 657 3f6a22e4 3f18059e 23047615 9a84aee20f411f7f
            5a24625849aef5fa 3bbbdf80 3fe2e6b3e0b78ebc 222 bf7efb97 3eb68fef 42061375 127df8a5fca08b15

            """, text.ToString());
    }

    [Fact]
    public void Seeds_of_scenes_and_episodes_give_the_numbers_they_always_gave()
    {
        var text = new StringBuilder();
        foreach (var seed in Seeds)
        {
            var random = new RandomSource(seed, RandomSource.SeedAlone);
            text.Append($"{random.NextUInt64():x16} {Bits(random.NextSingle())} {Bits(random.NextSingle(-2, 3))} ");
            text.Append(CultureInfo.InvariantCulture,
                $"{random.NextInt(1000)} {random.NextBool(0.5f)} {Bits(random.NextIrwinHall())} {Shuffled(random)} ");
            text.Append($"{random.NextUInt64():x16} {RandomSource.DeriveSeed(seed, 0):x16} {RandomSource.DeriveSeed(seed, 12345):x16}\n");
        }

        Assert.Equal(
            """
            99ec5f36cb75f2b4 3f3f6e1f bfbe1136 416 False 3e3002e0 26547031 fc9b83a3a0c63b9e 6e789e6aa1b965f4 2ba35bb6584b6737
            b3f2af6d0fc710c5 3f053b55 3f5edaf4 391 False 3f89e380 45712603 67897060e036774a beeb8da1658eec67 604be2cf9a6c355a
            b358faf74ef9765a 3e8eb87a 400cae48 981 False bd362d00 64725013 bfe66957e3f7c16a 044c3cd7f43c661c 5f0fe82a3bf69348
            1f8e1d856aebe627 3f6f526b 4024f5ce 630 False bfd83744 74135620 809ad9e834df4b25 7978de7e77b51b8d 9a930dedea87d19d
            8f5520d52a7ead08 3f4476a0 3f0956f4 747 False bef37840 14670235 e3e0ad98537521ca e99ff867dbf682c9 5a092371f48de2b9

            """, text.ToString());
    }

    [Fact]
    public void Equal_seeds_give_equal_bits_and_neighbouring_seeds_and_streams_do_not()
    {
        var (first, second) = (new RandomSource(7), new RandomSource(7));
        var (otherSeed, otherStream) = (new RandomSource(8), new RandomSource(7, 1));
        for (var i = 0; i < 100; i++)
        {
            var bits = first.NextUInt64();
            Assert.Equal(bits, second.NextUInt64());
            Assert.NotEqual(bits, otherSeed.NextUInt64());
            Assert.NotEqual(bits, otherStream.NextUInt64());
        }
    }

    [Fact]
    public void Both_nearly_and_truly_normal_numbers_have_mean_0_and_variance_1()
    {
        var random = new RandomSource(1, RandomSource.SeedAlone);
        foreach (var draw in (Func<float>[])[random.NextIrwinHall, random.NextGaussian])
        {
            double sum = 0, squares = 0;
            for (var i = 0; i < 20_000; i++)
            {
                double value = draw();
                sum += value;
                squares += value * value;
            }

            Assert.Equal(0, sum / 20_000, tolerance: 0.03);
            Assert.Equal(1, squares / 20_000, tolerance: 0.03);
        }
    }

    [Fact]
    public void Seeds_derived_from_neighbouring_indices_spread_evenly()
    {
        var counts = new int[6];
        for (ulong i = 0; i < 6000; i++)
            counts[new RandomSource(RandomSource.DeriveSeed(1, i), RandomSource.SeedAlone).NextInt(6)]++;
        Assert.All(counts, count => Assert.InRange(count, 880, 1120));
    }

    private static string Bits(float value) => BitConverter.SingleToInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture);

    private static string Shuffled(RandomSource random)
    {
        int[] order = [0, 1, 2, 3, 4, 5, 6, 7];
        random.Shuffle<int>(order);
        return string.Concat(order);
    }
}
