using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Ops;

namespace CrossModal.Engine.Tests.Recording;

public sealed class ReplayTests
{
    public static IEnumerable<object[]> Numbered => Examples.All.Select((e, i) => new object[] { i, e.ToString() });

    [Theory]
    [MemberData(nameof(Numbered))]
    public void Every_operation_replays_to_the_same_bits_forward_and_backward(int example, string name)
    {
        var e = Examples.All[example];
        var pool = new TensorPool(poison: true);
        using (var pass = Pass.Recording(workers: Workers.Single, pool: pool))
        {
            var inputs = Array.ConvertAll(e.Inputs, i => i.Differentiable ? pass.Differentiable(i.Values) : i.Values);
            var outputs = pass.ApplyAll(e.Operation, inputs);
            var loss = pass.Sum(pass.Square(outputs[0]));
            var first = outputs.Select(o => o.ToArray()).ToArray();
            using var gradients = new Gradients(pool);
            pass.Backward(loss, gradients);
            var expected = Collect();

            foreach (var node in pass.Record)
            {
                if (node.Operation.IsView) continue;
                foreach (var tensor in node.Outputs.Concat(node.Saved)) tensor.Span.Fill(float.NaN);
            }

            gradients.Clear();
            Assert.Equal(0, gradients.Count);
            pass.Replay();
            pass.Backward(loss, gradients);
            for (var i = 0; i < first.Length; i++)
                Assert.True(first[i].AsSpan().SequenceEqual(outputs[i].Span), $"{name}: output {i} differs");
            var actual = Collect();
            Assert.Equal(expected.Count, actual.Count);
            foreach (var (input, values) in expected)
                Assert.True(values.AsSpan().SequenceEqual(actual[input]), $"{name}: gradient {input} differs");

            Dictionary<int, float[]> Collect() => inputs.Index().Where(i => gradients.TryGet(i.Item, out _))
                .ToDictionary(i => i.Index, i => gradients[i.Item].ToArray());
        }

        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void A_replay_reads_inputs_and_draws_dropout_as_a_new_pass_would()
    {
        var weight = Tensor.Normal([6, 6], new RandomSource(1));
        weight.RequiresGradient = true;
        var x = Tensor.Zeros([2, 5, 6]);
        var random = new RandomSource(0);
        using var replayed = Pass.Training(random, workers: Workers.Single);
        Tensor? replayedLoss = null;
        using var gradients = new Gradients();
        for (var step = 0; step < 4; step++)
        {
            Tensor.Normal([2, 5, 6], new RandomSource(9, (ulong)step)).Span.CopyTo(x.Span);
            random.Restart(7, (ulong)step);
            gradients.Clear();
            if (replayedLoss is null) replayedLoss = Loss(replayed, x);
            else replayed.Replay();
            replayed.Backward(replayedLoss, gradients);

            using var eager = Pass.Training(new RandomSource(7, (ulong)step), workers: Workers.Single);
            var loss = Loss(eager, x);
            using var expected = eager.Backward(loss);
            Assert.Equal(loss.Item(), replayedLoss.Item());
            Assert.True(expected[weight].Span.SequenceEqual(gradients[weight].Span), $"step {step}: gradients differ");
            weight.Span[step] += 0.5f;
        }

        Tensor Loss(Pass pass, Tensor input)
        {
            var y = pass.Dropout(pass.Linear(input, weight), 0.4f);
            var (mixed, _) = pass.Attention(y, y, y, 2, options: new AttendingOptions { Dropout = 0.3f });
            return pass.Sum(pass.Square(pass.Dropout(pass.Add(mixed, y), 0.2f)));
        }
    }

    [Fact]
    public void Gradients_of_parts_add_up_in_one_memory_weighted_by_their_factors()
    {
        var weight = Tensor.From([2, 3], [2]);
        using var pass = Pass.Recording();
        using var gradients = new Gradients();
        var (x, number) = (pass.Differentiable(weight), pass.Differentiable(Tensor.Scalar(4)));
        var (first, second) = (pass.Sum(pass.Square(x)), pass.Sum(pass.Multiply(x, number)));
        pass.Backward(first, gradients, factor: 0.5f);
        Assert.Equal([2, 3], gradients[x].ToArray());
        Assert.False(gradients.TryGet(number, out _));
        pass.Backward(second, gradients, factor: 2);
        Assert.Equal([10, 11], gradients[x].ToArray());
        Assert.Equal([10], gradients[number].ToArray());
    }

    [Fact]
    public void Replaying_and_walking_back_allocates_nothing()
    {
        var weights = Enumerable.Range(0, 4).Select(i => Tensor.Normal([8, 8], new RandomSource(3, (ulong)i))).ToArray();
        foreach (var weight in weights) weight.RequiresGradient = true;
        var scale = Tensor.Full([8], 1);
        scale.RequiresGradient = true;
        var x = Tensor.Normal([2, 6, 8], new RandomSource(4));
        using var pass = Pass.Training(new RandomSource(5), workers: Workers.Single);
        using var gradients = new Gradients();
        var y = pass.LayerNorm(pass.Linear(x, weights[0]), scale);
        var (mixed, _) = pass.Attention(pass.Linear(y, weights[1]), pass.Linear(y, weights[2]), pass.Linear(y, weights[3]), 2,
            options: new AttendingOptions { Dropout = 0.1f });
        var loss = pass.Sum(pass.Square(pass.Mean(pass.Slice(pass.Concat(1, pass.Dropout(pass.Gelu(mixed), 0.1f), y), 1, 2, 7), axis: 1)));
        void Step()
        {
            gradients.Clear();
            pass.Replay();
            pass.Backward(loss, gradients);
        }

        for (var i = 0; i < 40; i++) Step();
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 10; i++) Step();
        }));
    }

    [Fact]
    public void A_pass_that_does_not_record_cannot_be_replayed()
    {
        using var pass = Pass.Evaluation();
        pass.Square(Tensor.Scalar(2));
        Assert.Throws<InvalidOperationException>(pass.Replay);
    }
}
