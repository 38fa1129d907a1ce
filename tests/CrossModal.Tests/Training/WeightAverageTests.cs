using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class WeightAverageTests
{
    private readonly Bag _model = new(("w", Tensor.Full([9], 1)));

    [Fact]
    public void The_average_follows_its_formula()
    {
        var average = new WeightAverage(_model, decay: 0.2);
        _model["w"].Span.Fill(2);
        average.Update();
        // n = 1: d = 2/11, below the decay.
        Assert.All(average.Values["w"].ToArray(), x => Assert.Equal(2 - 2f / 11, x, 1e-6f));
        average.Update();
        average.Update();
        // From n = 2 on (3/12) the decay of 0.2 rules.
        Assert.All(average.Values["w"].ToArray(), x => Assert.Equal(2 - 2f / 11 * 0.04f, x, 1e-6f));
        Assert.Equal(3, average.Updates);
    }

    [Fact]
    public void Swapping_in_shows_the_averages_and_disposing_gives_the_weights_back()
    {
        var tied = Tensor.Full([2], 3);
        var model = new Bag(("a", tied), ("b", tied), ("c", Tensor.Full([2], 5)));
        var average = new WeightAverage(model, 0.5);
        tied.Span.Fill(4);
        model["c"].Span.Fill(6);
        var swap = average.SwapIn();
        Assert.Equal([3f, 3f, 3f, 3f, 5f, 5f], model.AllNumbers());
        Assert.Throws<InvalidOperationException>(() => average.SwapIn());
        Assert.Throws<InvalidOperationException>(average.Update);
        swap.Dispose();
        swap.Dispose();
        Assert.Equal([4f, 4f, 4f, 4f, 6f, 6f], model.AllNumbers());
        Assert.Equal([3f, 3f], average.Values["a"].ToArray());
    }

    [Fact]
    public void Averages_are_copied_into_another_module()
    {
        var average = new WeightAverage(_model, 0.5);
        _model["w"].Span.Fill(8);
        var other = new Bag(("w", Tensor.Zeros([9])));
        average.CopyTo(other);
        Assert.All(other.AllNumbers(), x => Assert.Equal(1f, x));
        Assert.Throws<ShapeException>(() => average.CopyTo(new Bag(("v", Tensor.Zeros([9])))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_decay_outside_its_range_is_refused(double decay) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightAverage(_model, decay));
}
