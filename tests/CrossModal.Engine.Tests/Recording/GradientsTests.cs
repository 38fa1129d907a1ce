using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Recording;

public sealed class GradientsTests
{
    [Fact]
    public void A_tensor_used_twice_sums_its_gradients()
    {
        Check([3, 4], (pass, x) => pass.Sum(pass.Add(pass.Square(x), pass.Scale(x, 5))), [11, 13]);
    }

    [Fact]
    public void A_tensor_added_to_itself_has_twice_the_gradient()
    {
        Check([3, 4], (pass, x) => pass.Sum(pass.Add(x, x)), [2, 2]);
    }

    [Fact]
    public void Shared_gradients_are_not_changed_by_each_other()
    {
        // y reaches the loss through a sum that hands its gradient on without copying, and once more on its own.
        Check([1, 2], (pass, x) =>
        {
            var y = pass.Scale(x, 3);
            var sum = pass.Add(pass.Add(y, x), y);
            return pass.Add(pass.Sum(sum), pass.Sum(pass.Square(y)));
        }, [7 + 18, 7 + 36]);
    }

    [Fact]
    public void Reshapes_of_reshapes_hand_gradients_on()
    {
        Check([1, 2, 3, 4, 5, 6], (pass, x) =>
        {
            var a = pass.Reshape(pass.Reshape(x, [2, 3]), [3, 2]);
            var b = pass.Reshape(x, [3, 2]);
            return pass.Sum(pass.Multiply(pass.Add(a, b), pass.Reshape(a, [3, 2])));
        }, [4, 8, 12, 16, 20, 24]);
    }

    [Fact]
    public void A_view_used_before_and_after_its_source_changes_nothing()
    {
        Check([2, 3], (pass, x) =>
        {
            var view = pass.Reshape(x, [2, 1]);
            var doubled = pass.Add(view, view);
            return pass.Add(pass.Sum(pass.Square(doubled)), pass.Sum(x));
        }, [17, 25]);
    }

    [Fact]
    public void Gradients_of_stretched_operands_are_summed_back()
    {
        using var pass = Pass.Recording();
        var (row, column, number) = (pass.Differentiable(Tensor.From([1, 2, 3], [3])), pass.Differentiable(Tensor.From([4, 5], [2, 1])),
            pass.Differentiable(Tensor.Scalar(6)));
        using var gradients = pass.Backward(pass.Sum(pass.Multiply(pass.Multiply(row, column), number)));
        Assert.Equal([54, 54, 54], gradients[row].ToArray());
        Assert.Equal([36, 36], gradients[column].ToArray());
        Assert.Equal([54], gradients[number].ToArray());
        Assert.Equal(column.Shape, gradients[column].Shape);
        Assert.Equal(Shape.Scalar, gradients[number].Shape);
    }

    [Fact]
    public void Two_tensors_that_are_added_can_be_scaled_and_clipped_apart()
    {
        using var pass = Pass.Recording();
        var (a, b) = (pass.Differentiable(Tensor.From([1, 2], [2])), pass.Differentiable(Tensor.From([3, 4], [2])));
        using var gradients = pass.Backward(pass.Sum(pass.Add(a, b)));
        Assert.Equal(2, gradients.Norm());
        gradients.Scale(0.5f);
        Assert.Equal([0.5f, 0.5f], gradients[a].ToArray());
        Assert.Equal([0.5f, 0.5f], gradients[b].ToArray());
        Assert.False(gradients[a].Span.Overlaps(gradients[b].Span));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Sums_and_norms_on_any_number_of_threads_are_the_bits_of_one(int threads)
    {
        using var workers = new Workers(threads);
        var tensors = Enumerable.Range(1, 17).Select(i => Tensor.Normal([i, 5 * i], new RandomSource((ulong)i))).ToArray();
        foreach (var tensor in tensors) tensor.RequiresGradient = true;

        // Some tensors are in both, some in the first alone, some in the second alone.
        using var expected = Of(tensors[..12]);
        using var actual = Of(tensors[..12]);
        using var other = Of(tensors[3..]);
        expected.Add(other);
        actual.Add(other, workers);
        Assert.Equal(17, actual.Count);
        Assert.All(tensors, t => Assert.Equal(expected[t].ToArray(), actual[t].ToArray()));
        Assert.All(tensors[3..12], t => Assert.Equal(4 * t.Span[0], actual[t].Span[0]));
        Assert.Equal(expected.Norm(), actual.Norm(workers));

        static Gradients Of(Tensor[] tensors)
        {
            using var pass = Pass.Recording();
            var loss = tensors.Select(t => pass.Sum(pass.Square(t))).Aggregate((a, b) => pass.Add(a, b));
            return pass.Backward(loss);
        }
    }

    [Fact]
    public void Gradients_of_two_losses_add_up()
    {
        var weight = Tensor.From([2, 3], [2]);
        var pool = new TensorPool(poison: true);
        using (var pass = Pass.Recording(pool: pool))
        {
            var (x, other) = (pass.Differentiable(weight), pass.Differentiable(Tensor.Scalar(4)));
            using var first = pass.Backward(pass.Sum(pass.Square(x)));
            using var second = pass.Backward(pass.Sum(pass.Multiply(x, other)));
            first.Add(second);
            Assert.Equal([8, 10], first[x].ToArray());
            Assert.Equal([5], first[other].ToArray());
            Assert.Equal([4, 4], second[x].ToArray());
        }

        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void What_does_not_reach_the_loss_has_no_gradient()
    {
        using var pass = Pass.Recording();
        var (used, unused) = (pass.Differentiable(Tensor.Full([2], 1)), pass.Differentiable(Tensor.Full([5], 1)));
        pass.Square(unused);
        using var gradients = pass.Backward(pass.Sum(used));
        Assert.False(gradients.TryGet(unused, out _));
        Assert.Equal(1, gradients.Count);
        Assert.Contains("[5]", Assert.Throws<KeyNotFoundException>(() => gradients[unused]).Message);
    }

    private static void Check(float[] values, Func<Pass, Tensor, Tensor> loss, float[] expected)
    {
        var pool = new TensorPool(poison: true);
        using (var pass = Pass.Recording(pool: pool))
        {
            var x = pass.Differentiable(Tensor.From(values, [values.Length]));
            using var gradients = pass.Backward(loss(pass, x));
            Assert.Equal(expected, gradients[x].ToArray());
            Assert.Equal(1, gradients.Count);
        }

        Assert.Equal(0, pool.Outstanding);
    }
}
