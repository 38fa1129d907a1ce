using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Recording;

public sealed class PassTests
{
    [Fact]
    public void An_evaluation_pass_records_nothing_and_gives_no_gradients()
    {
        using var pass = Pass.Evaluation();
        var loss = pass.Sum(pass.Square(pass.Differentiable(Tensor.Full([3], 2))));
        Assert.Empty(pass.Record);
        Assert.False(loss.RequiresGradient);
        Assert.Throws<InvalidOperationException>(() => pass.Backward(loss));
    }

    [Fact]
    public void A_recording_pass_keeps_every_application_in_order()
    {
        using var pass = Pass.Recording();
        var x = pass.Differentiable(Tensor.Full([3], 2));
        pass.Sum(pass.Reshape(pass.Square(x), [3, 1]));
        Assert.Equal(["Square", "Reshape", "Sum"], pass.Record.Select(n => n.Operation.Name));
    }

    [Fact]
    public void A_planning_pass_records_shapes_and_computes_nothing()
    {
        using var pass = Pass.Planning();
        var x = Tensor.Zeros([1 << 14, 1 << 12]);
        var sum = pass.Sum(pass.Reshape(pass.MatMul(x, x, transposeB: true), [1 << 28]));
        Assert.Equal(["MatMul", "Reshape", "Sum"], pass.Record.Select(n => n.Operation.Name));
        Assert.Equal(Shape.Scalar, sum.Shape);
        Assert.All(pass.Record, node => Assert.Throws<InvalidOperationException>(() => node.Outputs[0].ToArray()));
        Assert.Contains("only its shape is known", Assert.Throws<InvalidOperationException>(() => sum.Item()).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(pass.Replay);
        Assert.True(pass.Cost().Flops > 1e12);
    }

    [Fact]
    public void A_tensor_used_after_its_pass_ended_says_so()
    {
        Tensor kept;
        using (var pass = Pass.Evaluation()) kept = pass.Exp(Tensor.Zeros([4]));
        var error = Assert.Throws<ObjectDisposedException>(() => kept.ToArray());
        Assert.Contains("This tensor's pass has ended", error.Message);
        using var next = Pass.Evaluation();
        Assert.Throws<ObjectDisposedException>(() => next.Exp(kept));
    }

    [Fact]
    public void A_pass_that_has_ended_applies_nothing_more()
    {
        var pass = Pass.Evaluation();
        pass.Dispose();
        pass.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pass.Exp(Tensor.Zeros([4])));
    }

    [Fact]
    public void A_copy_outlives_its_pass()
    {
        Tensor copy;
        using (var pass = Pass.Evaluation()) copy = pass.Exp(Tensor.Zeros([4])).Copy();
        Assert.Equal([1, 1, 1, 1], copy.ToArray());
    }

    [Fact]
    public void Backward_wants_a_single_number()
    {
        using var pass = Pass.Recording();
        var x = pass.Square(pass.Differentiable(Tensor.Zeros([2, 3])));
        Assert.Equal("Backward: the loss must be a single number, got [2,3]",
            Assert.Throws<ShapeException>(() => pass.Backward(x)).Message);
    }

    [Fact]
    public void Dropout_is_on_in_training_only_and_keeps_the_mean()
    {
        var x = Tensor.Full([4000], 1);
        using var training = Pass.Training(new RandomSource(5));
        using var recording = Pass.Recording();
        Assert.Same(x, recording.Dropout(x, 0.25f));
        var dropped = training.Dropout(x, 0.25f).ToArray();
        Assert.All(dropped, v => Assert.True(v is 0 or 4f / 3));
        Assert.InRange(dropped.Count(v => v == 0), 900, 1100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_seed_and_threads_give_the_same_bits(int threads)
    {
        using var workers = new Workers(threads);
        var first = Run(workers);
        for (var again = 0; again < 5; again++)
        {
            var next = Run(workers);
            for (var i = 0; i < first.Count; i++)
                Assert.True(first[i].AsSpan().SequenceEqual(next[i]), $"result {i} differs on run {again}");
        }
    }

    [Fact]
    public void Another_seed_drops_other_elements()
    {
        Assert.NotEqual(Run(Workers.Single)[0], Run(Workers.Single, seed: 8)[0]);
    }

    /// <summary>Forward and backward of attention, normalisation and a linear layer with dropout, large enough to be shared out over
    /// threads.</summary>
    private static List<float[]> Run(Workers workers, ulong seed = 7)
    {
        var random = new RandomSource(1);
        var pool = new TensorPool(poison: true);
        var results = new List<float[]>();
        using (var pass = Pass.Training(new RandomSource(seed), workers: workers, pool: pool))
        {
            Tensor Input(Shape shape) => pass.Differentiable(Tensor.Normal(shape, random, 0.5f));
            var (q, v, weight, gamma, beta) = (Input([3, 70, 64]), Input([3, 130, 64]), Input([128, 64]), Input([64]), Input([64]));
            var attended = pass.Attention(q, v, v, 8, options: new AttendingOptions { Dropout = 0.2f }).Result;
            var x = pass.LayerNorm(pass.Add(pass.Dropout(attended, 0.3f), q), gamma, beta);
            var loss = pass.Mean(pass.Square(pass.Gelu(pass.Linear(x, weight))));
            using var gradients = pass.Backward(loss);
            results.Add([loss.Item()]);
            foreach (var input in new[] { q, v, weight, gamma, beta }) results.Add(gradients[input].ToArray());
            Assert.All(results, r => Assert.All(r, n => Assert.True(float.IsFinite(n))));
        }

        Assert.Equal(0, pool.Outstanding);
        return results;
    }
}
