using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class GradientClippingTests
{
    [Fact]
    public void A_long_gradient_is_shortened_as_torch_does_and_its_norm_returned()
    {
        var model = new Bag(("a", Tensor.Zeros([1])), ("b", Tensor.Zeros([1])));
        using var gradients = GivenGradients.Of((model["a"], Tensor.From([3f], [1])), (model["b"], Tensor.From([4f], [1])));
        Assert.Equal(5, GradientClipping.ClipNorm(gradients, 1), 1e-12);
        Assert.Equal(3 / (5 + 1e-6), gradients[model["a"]].Item(), 1e-7);
        Assert.Equal(4 / (5 + 1e-6), gradients[model["b"]].Item(), 1e-7);
    }

    [Fact]
    public void A_short_gradient_is_left_as_it_is()
    {
        var model = new Bag(("a", Tensor.Zeros([2])));
        using var gradients = GivenGradients.Of((model["a"], Tensor.From([0.3f, 0.4f], [2])));
        Assert.Equal(0.5, GradientClipping.ClipNorm(gradients, 1), 1e-7);
        Assert.Equal([0.3f, 0.4f], gradients[model["a"]].ToArray());
    }

    [Fact]
    public void The_norm_is_right_at_every_length()
    {
        for (var length = 1; length < 40; length++)
        {
            var model = new Bag(("a", Tensor.Zeros([length])));
            var gradient = Tensor.Normal([length], new RandomSource(3, (ulong)length));
            using var gradients = GivenGradients.Of((model["a"], gradient));
            Assert.Equal(Math.Sqrt(gradient.ToArray().Sum(x => (double)x * x)), gradients.Norm(), 1e-12);
        }
    }

    [Fact]
    public void Parameters_that_are_added_are_each_scaled_once()
    {
        var model = new Bag(("a", Tensor.Full([2], 1)), ("b", Tensor.Full([2], 1)));
        using var pass = Pass.Recording();
        using var gradients = pass.Backward(pass.Sum(pass.Add(model["a"], model["b"])));
        gradients.Scale(0.5f);
        Assert.Equal([0.5f, 0.5f], gradients[model["a"]].ToArray());
        Assert.Equal([0.5f, 0.5f], gradients[model["b"]].ToArray());
    }

    [Fact]
    public void A_largest_norm_that_is_not_positive_is_refused()
    {
        var model = new Bag(("a", Tensor.Zeros([1])));
        using var gradients = GivenGradients.Of((model["a"], Tensor.From([3f], [1])));
        Assert.Contains("got 0", Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ClipNorm(gradients, 0)).Message);
    }
}
