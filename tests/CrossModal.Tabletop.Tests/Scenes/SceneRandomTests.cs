using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Tests.Scenes;

public sealed class SceneRandomTests
{
    [Fact]
    public void Equal_seeds_give_equal_bits_and_neighbouring_seeds_do_not()
    {
        var first = new SceneRandom(7);
        var second = new SceneRandom(7);
        var other = new SceneRandom(8);
        for (var i = 0; i < 100; i++)
        {
            var bits = first.NextBits();
            Assert.Equal(bits, second.NextBits());
            Assert.NotEqual(bits, other.NextBits());
        }
    }

    [Fact]
    public void Gaussians_have_mean_0_and_variance_1()
    {
        var random = new SceneRandom(1);
        double sum = 0, squares = 0;
        for (var i = 0; i < 20_000; i++)
        {
            double value = random.NextGaussian();
            sum += value;
            squares += value * value;
        }

        Assert.Equal(0, sum / 20_000, tolerance: 0.03);
        Assert.Equal(1, squares / 20_000, tolerance: 0.03);
    }

    [Fact]
    public void Seeds_mixed_from_neighbouring_indices_spread_evenly()
    {
        var counts = new int[6];
        for (ulong i = 0; i < 6000; i++)
            counts[new SceneRandom(SceneRandom.Mix(1, i)).NextInt(6)]++;
        Assert.All(counts, count => Assert.InRange(count, 880, 1120));
    }
}
