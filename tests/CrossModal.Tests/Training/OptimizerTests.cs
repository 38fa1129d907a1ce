using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class OptimizerTests
{
    [Fact]
    public void AdamW_matches_a_step_computed_by_hand()
    {
        var model = new Bag(("w", Tensor.From([2f], [1])));
        var optimizer = new AdamW(ParameterGroups.All(model, decay: 0.1), learningRate: 0.5);
        using var gradients = GivenGradients.Of((model["w"], Tensor.From([4f], [1])));
        optimizer.Step(gradients, learningRateFactor: 0.2);
        // First step: the corrected moments are g and g², so the step is lr·sign(g); decay takes off lr·0.1 of the weight.
        Assert.Equal(2 * (1 - 0.1 * 0.1) - 0.1, model["w"].Item(), 1e-6);
    }

    [Fact]
    public void Adam_passes_the_decay_through_the_moments()
    {
        var model = new Bag(("w", Tensor.From([2f], [1])));
        var optimizer = new Adam(ParameterGroups.All(model, decay: 1), learningRate: 0.1);
        using var gradients = GivenGradients.Of((model["w"], Tensor.From([-2f], [1])));
        optimizer.Step(gradients);
        // Gradient −2 and penalty 2 cancel: nothing moves.
        Assert.Equal(2f, model["w"].Item());
    }

    [Fact]
    public void Sgd_with_momentum_matches_two_steps_computed_by_hand()
    {
        var model = new Bag(("w", Tensor.Full([11], 1)));
        var optimizer = new Sgd(ParameterGroups.All(model), learningRate: 0.1, momentum: 0.5);
        using var gradients = GivenGradients.Of((model["w"], Tensor.Full([11], 2)));
        optimizer.Step(gradients);
        optimizer.Step(gradients);
        // v = 2, then 3; w = 1 − 0.2 − 0.3.
        foreach (var w in model["w"].ToArray()) Assert.Equal(0.5f, w, 1e-6f);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0.9, 0, false)]
    [InlineData(0.9, 0.4, false)]
    [InlineData(0.9, 1, false)]
    [InlineData(0.9, 0, true)]
    [InlineData(0.5, 0, true)]
    public void Sgd_takes_the_steps_of_torchs_definition(double momentum, double dampening, bool nesterov)
    {
        const double Rate = 0.05, Decay = 0.02;
        var model = new Bag(("w", Tensor.Full([11], 1)));
        var optimizer = new Sgd(ParameterGroups.All(model, Decay), Rate, momentum, dampening, nesterov);
        var (expected, velocity) = (1.0, 0.0);
        for (var step = 0; step < 6; step++)
        {
            var given = Math.Sin(step + 1);
            using var gradients = GivenGradients.Of((model["w"], Tensor.Full([11], (float)given)));
            optimizer.Step(gradients);
            var gradient = given + Decay * expected;
            velocity = step == 0 ? gradient : momentum * velocity + (1 - dampening) * gradient;
            expected -= Rate * (momentum == 0 ? gradient : nesterov ? gradient + momentum * velocity : velocity);
            foreach (var w in model["w"].ToArray()) Assert.Equal(expected, w, 1e-6);
        }
    }

    [Fact]
    public void An_elements_bits_do_not_depend_on_where_it_lies()
    {
        foreach (var length in (int[])[1, 7, 8, 9, 31])
        {
            var model = new Bag(("one", Tensor.Full([1], 0.3f)), ("many", Tensor.Full([length], 0.3f)));
            foreach (var optimizer in (Optimizer[])
                [new AdamW(ParameterGroups.All(model, 0.1), amsGrad: true), new Adam(ParameterGroups.All(model, 0.1)),
                    new Sgd(ParameterGroups.All(model, 0.1), 0.1, 0.9, nesterov: true)])
            {
                for (var step = 1; step < 4; step++)
                {
                    using var gradients = GivenGradients.Of(
                        (model["one"], Tensor.Full([1], 0.7f / step)), (model["many"], Tensor.Full([length], 0.7f / step)));
                    optimizer.Step(gradients);
                }

                Assert.All(model["many"].ToArray(), x => Assert.Equal(model["one"].Item(), x));
            }
        }
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_its_step_does_not_count()
    {
        var model = new Bag(("used", Tensor.Full([3], 1)), ("unused", Tensor.Full([3], 1)));
        var optimizer = new AdamW(ParameterGroups.All(model, decay: 0.5));
        using var gradients = GivenGradients.Of((model["used"], Tensor.Full([3], 1)));
        optimizer.Step(gradients);
        Assert.Equal([1f, 1f, 1f], model["unused"].ToArray());
        Assert.Equal(0, optimizer.ExportState()["unused.step"].ToInt64s()[0]);
        Assert.Equal(1, optimizer.ExportState()["used.step"].ToInt64s()[0]);
    }

    [Fact]
    public void Groups_have_their_own_learning_rate_and_decay()
    {
        var model = new Bag(("a", Tensor.Full([2], 1)), ("b", Tensor.Full([2], 1)));
        var (a, b) = (model.Parameters().First(), model.Parameters().Last());
        var optimizer = new Sgd([new ParameterGroup([a], LearningRateFactor: 0.5), new ParameterGroup([b], WeightDecay: 1)],
            learningRate: 0.1);
        using var gradients = GivenGradients.Of((a.Value, Tensor.Full([2], 1)), (b.Value, Tensor.Full([2], 1)));
        optimizer.Step(gradients);
        Assert.Equal(0.95f, a.Value.Span[0], 1e-6f);
        Assert.Equal(0.8f, b.Value.Span[0], 1e-6f);
    }

    [Fact]
    public void Vectors_get_no_decay_and_a_tied_parameter_is_taken_once()
    {
        var tied = Tensor.Zeros([2, 2]);
        var model = new Bag(("weight", tied), ("bias", Tensor.Zeros([2])), ("head", tied), ("gate", Tensor.Scalar(0)));
        var groups = ParameterGroups.WithoutDecayOnVectors(model, 0.3);
        Assert.Equal(["weight"], groups[0].Parameters.Select(p => p.Key));
        Assert.Equal(["bias", "gate"], groups[1].Parameters.Select(p => p.Key));
        Assert.Equal([0.3, 0], groups.Select(g => g.WeightDecay));
    }

    [Fact]
    public void A_restored_state_continues_with_the_same_bits()
    {
        float[] Train(bool interrupted)
        {
            var model = new Bag(("w", Tensor.Normal([5, 3], new RandomSource(1))));
            Optimizer optimizer = new AdamW(ParameterGroups.All(model, 0.1), amsGrad: true);
            for (ulong step = 0; step < 6; step++)
            {
                if (interrupted && step == 3)
                {
                    var state = optimizer.ExportState();
                    optimizer = new AdamW(ParameterGroups.All(model, 0.1), amsGrad: true);
                    optimizer.ImportState(state);
                }

                using var gradients = GivenGradients.Of((model["w"], Tensor.Normal([5, 3], new RandomSource(2, step))));
                optimizer.Step(gradients);
            }

            return model.AllNumbers();
        }

        Assert.Equal(Train(interrupted: false), Train(interrupted: true));
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_with_all_keys_and_changes_nothing()
    {
        var model = new Bag(("w", Tensor.Zeros([2])));
        var optimizer = new AdamW(ParameterGroups.All(model));
        var state = optimizer.ExportState().ToDictionary();
        state.Remove("w.exp_avg");
        state["w.exp_avg_sq"] = StoredArray.From([1f, 2f, 3f], 3);
        state["v.step"] = StoredArray.From([7L]);
        var error = Assert.Throws<ShapeException>(() => optimizer.ImportState(state));
        Assert.Contains("missing 'w.exp_avg' [2]", error.Message);
        Assert.Contains("'w.exp_avg_sq' is [3], expected [2]", error.Message);
        Assert.Contains("unexpected 'v.step'", error.Message);
        Assert.Equal([0f, 0f], optimizer.ExportState()["w.exp_avg_sq"].ToSingles());
    }

    [Fact]
    public void Bad_settings_are_refused()
    {
        var model = new Bag(("w", Tensor.Zeros([2])));
        Assert.Contains("learning rate", Assert.Throws<ArgumentException>(() => new AdamW(ParameterGroups.All(model), -1)).Message);
        Assert.Contains("betas", Assert.Throws<ArgumentException>(() => new Adam(ParameterGroups.All(model), beta1: 1)).Message);
        Assert.Contains("momentum", Assert.Throws<ArgumentException>(() => new Sgd(ParameterGroups.All(model), 0.1, 1)).Message);
        Assert.Contains("1.5", Assert.Throws<ArgumentException>(() => new Sgd(ParameterGroups.All(model), 0.1, 0.9, 1.5)).Message);
        Assert.Contains("Nesterov", Assert.Throws<ArgumentException>(() =>
            new Sgd(ParameterGroups.All(model), 0.1, nesterov: true)).Message);
        Assert.Contains("0.9 and 0.1", Assert.Throws<ArgumentException>(() =>
            new Sgd(ParameterGroups.All(model), 0.1, 0.9, 0.1, nesterov: true)).Message);
        Assert.Contains("'w' is given twice", Assert.Throws<ArgumentException>(
            () => new AdamW([.. ParameterGroups.All(model), .. ParameterGroups.All(model)])).Message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_gives_the_bits_of_one(int threads)
    {
        using var workers = new Workers(threads);
        foreach (var make in (Func<Module, Optimizer>[])
            [m => new AdamW(ParameterGroups.All(m, 0.1), amsGrad: true), m => new Adam(ParameterGroups.All(m, 0.1)), m =>
                new Sgd(ParameterGroups.All(m, 0.1), 0.1, 0.9)])
        {
            var (one, several) = (Numbers(), Numbers());
            var (first, second) = (make(one), make(several));
            for (var step = 0; step < 3; step++)
            {
                using var expected = Given(one, step);
                using var actual = Given(several, step);
                var norm = actual.Norm(workers);
                GradientClipping.Clip(actual, norm, 0.5);
                Assert.Equal(GradientClipping.ClipNorm(expected, 0.5), norm);
                first.Step(expected, 0.9);
                second.Step(actual, 0.9, workers);
            }

            Assert.Equal(one.AllNumbers(), several.AllNumbers());
        }

        static Bag Numbers() => new([.. Enumerable.Range(1, 23).Select(i =>
            ($"p{i}", Tensor.Normal([i, 7 * i], new RandomSource((ulong)i))))]);

        // The last of the parameters gets no gradient.
        static Gradients Given(Bag model, int seed) => GivenGradients.Of(
            [.. model.Parameters().SkipLast(1).Select(p => (p.Value, Tensor.Normal(p.Value.Shape,
                new RandomSource((ulong)(seed + p.Value.Shape.Length)))))]);
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        var model = new Bag(("w", Tensor.Zeros([100, 10])), ("b", Tensor.Zeros([10])));
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(model, 0.1));
        using var gradients = GivenGradients.Of((model["w"], Tensor.Full([100, 10], 1)), (model["b"], Tensor.Full([10], 1)));
        void Step()
        {
            GradientClipping.ClipNorm(gradients, 1);
            optimizer.Step(gradients);
        }

        for (var i = 0; i < 100; i++) Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
