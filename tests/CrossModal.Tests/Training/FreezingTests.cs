using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Pretraining;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class FreezingTests
{
    private const int Width = 4;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void The_clipped_norm_is_that_of_the_trained_parameters(bool frozen, bool replayed)
    {
        var net = new BodyAndHead();
        if (frozen) net.Body.Freeze();
        var (body, head) = (Numbers(net.Body), Numbers(net.Head));
        // The gradient of everything is longer than that of the head; both are longer than the limit.
        var (all, ofHead) = (NormOf(new BodyAndHead()), NormOf(net, net.Head));
        Assert.True(all > 1.1 * ofHead && ofHead > 0.1);

        var norms = new Norms();
        Loop(net, new Sgd(ParameterGroups.All(net.Head), 0.1), new TrainingOptions { Steps = 1, BatchSize = 6, ClipNorm = 0.1, Shards = 2 },
            replayed, norms).Run();

        Assert.Equal(ofHead, norms.Reported[0], 1e-6);
        Assert.Equal(body, Numbers(net.Body));
        // Clipped to 0.1 and multiplied by the learning rate of 0.1.
        Assert.Equal(0.01, Distance(head, Numbers(net.Head)), 1e-6);
    }

    [Fact]
    public void A_frozen_body_gets_no_gradient_and_a_frozen_head_still_passes_one_on()
    {
        var net = new BodyAndHead();
        var everything = Gradients(net);
        net.Body.Freeze();
        Same(everything, Gradients(net), net.Head);
        net.Unfreeze();
        net.Head.Freeze();
        Same(everything, Gradients(net), net.Body);
        net.Unfreeze();
        Same(everything, Gradients(net), net);

        static void Same(Dictionary<Tensor, float[]> expected, Dictionary<Tensor, float[]> actual, Module of)
        {
            Assert.Equal(of.Parameters().Select(p => p.Value).ToHashSet(), [.. actual.Keys]);
            foreach (var (tensor, gradient) in actual) Assert.Equal(expected[tensor], gradient);
        }
    }

    [Theory]
    [InlineData("cross-attention")]
    [InlineData("co-attention")]
    [InlineData("perceiver")]
    public void Freezing_any_one_parameter_leaves_the_gradients_of_the_others(string strategy)
    {
        var fusion = FusionStrategies.Create(strategy, new FusionOptions(8, Heads: 2, Layers: 2) { Latents = 3 }, new RandomSource(2));
        var (words, patches) = (Tensor.Normal([2, 3, 8], new RandomSource(3)), Tensor.Normal([2, 5, 8], new RandomSource(4)));
        var everything = Gradients(fusion, Loss);
        Assert.NotEmpty(everything);
        foreach (var (name, parameter) in fusion.Parameters())
        {
            fusion.Freeze(name);
            var rest = Gradients(fusion, Loss);
            Assert.False(rest.ContainsKey(parameter), name);
            Assert.Equal(everything.Count - (everything.ContainsKey(parameter) ? 1 : 0), rest.Count);
            Assert.All(rest, gradient => Assert.Equal(everything[gradient.Key], gradient.Value));
            fusion.Unfreeze(name);
            if (everything.TryGetValue(parameter, out var own))
                Assert.Equal(own, Assert.Single(Gradients(fusion, Loss, [parameter])).Value);
        }

        Tensor Loss(Pass pass) => pass.Sum(pass.Square(fusion.Forward(new FusionInput(new Tokens(words), [new Tokens(patches)]),
            pass).Fused.Values));
    }

    [Fact]
    public void What_leads_only_to_parameters_that_are_not_collected_is_not_computed()
    {
        var net = new BodyAndHead();
        using var pass = Pass.Recording();
        var counted = new CountedIdentityOp();
        var loss = pass.Sum(net.Head.Forward(pass.Apply(counted, net.Body.Forward(Inputs(0, 3), pass)), pass));
        using (var ofHead = new Gradients(of: net.Head.Parameters().Select(p => p.Value))) pass.Backward(loss, ofHead);
        Assert.Equal(0, counted.Walked);
        using (var ofBody = new Gradients(of: net.Body.Parameters().Select(p => p.Value))) pass.Backward(loss, ofBody);
        Assert.Equal(1, counted.Walked);
        using var ofNothing = new Gradients(of: [Tensor.Zeros([1])]);
        Assert.Contains("no tensor whose gradient is collected",
            Assert.Throws<InvalidOperationException>(() => pass.Backward(loss, ofNothing)).Message);
    }

    [Fact]
    public void Frozen_parameters_are_left_out_of_groups_steps_and_averages_and_saved_all_the_same()
    {
        using var folder = new TemporaryFolder();
        var net = new BodyAndHead();
        net.Freeze("body");
        Assert.Equal(["head.weight", "head.bias"], ParameterGroups.All(net).SelectMany(g => g.Parameters).Select(p => p.Key));
        Assert.Equal(["head.weight", "head.bias"],
            ParameterGroups.WithoutDecayOnVectors(net, 0.1).SelectMany(g => g.Parameters).Select(p => p.Key));
        var (body, head) = (Numbers(net.Body), Numbers(net.Head));
        var options = new TrainingOptions { Steps = 20, BatchSize = 6, ClipNorm = 0.1, Shards = 2, AverageDecay = 0.7 };
        var loop = Loop(net, new AdamW(ParameterGroups.All(net, 0.5), 0.01), options, replayed: true);
        loop.Run(folder["run"]);

        Assert.Equal(body, Numbers(net.Body));
        Assert.NotEqual(head, Numbers(net.Head));
        Assert.Equal(body, loop.Average!.Values.Where(v => v.Key.StartsWith("body.", StringComparison.Ordinal))
            .SelectMany(v => v.Value.ToArray()));

        // Whoever reads the checkpoint need not know what was frozen.
        var restored = new BodyAndHead(seed: 9);
        var average = new WeightAverage(restored, 0.7);
        Checkpoint.Newest(folder["run"])!.Restore(restored, average: average);
        Assert.Equal(Numbers(net), Numbers(restored));
        average.CopyTo(restored);
        Assert.Equal(body, Numbers(restored.Body));
        Assert.NotEqual(Numbers(net.Head), Numbers(restored.Head));
    }

    [Fact]
    public void A_parameter_frozen_after_the_optimiser_was_made_stays_as_it_is_even_with_weight_decay()
    {
        var net = new BodyAndHead();
        var optimizer = new AdamW(ParameterGroups.All(net, 0.5), 0.01);
        net.Freeze("body");
        var body = Numbers(net.Body);
        Loop(net, optimizer, new TrainingOptions { Steps = 3, BatchSize = 6, Shards = 1 }, replayed: false).Run();
        Assert.Equal(body, Numbers(net.Body));
        Assert.Equal(2, optimizer.Trained.Count());
    }

    [Fact]
    public void Training_with_everything_frozen_is_refused()
    {
        var net = new BodyAndHead();
        net.Freeze();
        var error = Assert.Throws<ArgumentException>(() =>
            Loop(net, new Sgd(ParameterGroups.All(net), 0.1), new TrainingOptions { Steps = 1 }, replayed: false));
        Assert.Contains("trains nothing", error.Message);
    }

    [Fact]
    public void A_part_that_is_not_there_is_refused_with_those_that_are()
    {
        var net = new BodyAndHead();
        foreach (var part in (string[])["bod", "body.", "", "Body", "weight"])
            Assert.Contains($"there is no part '{part}'; there are body, head",
                Assert.Throws<ArgumentException>(() => net.Freeze(part)).Message);
        Assert.Contains("body", Assert.Throws<ArgumentException>(() => net.Unfreeze("tail")).Message);
    }

    [Fact]
    public void Buffers_are_saved_and_never_become_trainable()
    {
        var queue = new ContrastiveQueue(4, 3, new RandomSource(1));
        queue.Unfreeze();
        queue.Unfreeze("texts");
        Assert.Equal(["texts", "images"], queue.Parameters().Select(p => p.Key));
        Assert.All(queue.Parameters(), p => Assert.False(p.Value.RequiresGradient));
    }

    private static TrainingLoop Loop(BodyAndHead net, Optimizer optimizer, TrainingOptions options, bool replayed,
        ITrainingProgress? progress = null) => replayed
        ? new TrainingLoop(net, optimizer, options, count => new Replayed(net, count)) { Progress = progress }
        : new TrainingLoop(net, optimizer, options, (pass, batch) =>
            Loss(net, Inputs(batch.First, batch.Count), pass))
        { Progress = progress };

    private static Tensor Inputs(int first, int count) =>
        Tensor.From(Tensor.Normal([6, Width], new RandomSource(7)).Span.Slice(first * Width, count * Width).ToArray(), [count, Width]);

    private static Tensor Loss(BodyAndHead net, Tensor x, Pass pass) =>
        pass.MeanSquaredError(net.Forward(x, pass), Tensor.Full([x.Shape[0], 1], 1));

    private static double NormOf(BodyAndHead net, Module? of = null)
    {
        var all = Gradients(net);
        return Math.Sqrt((of ?? net).Parameters().Sum(p => all[p.Value].Sum(g => (double)g * g)));
    }

    private static Dictionary<Tensor, float[]> Gradients(BodyAndHead net) => Gradients(net, pass => Loss(net, Inputs(0, 6), pass));

    private static Dictionary<Tensor, float[]> Gradients(Module module, Func<Pass, Tensor> loss, IEnumerable<Tensor>? of = null)
    {
        using var pass = Pass.Recording();
        using var gradients = new Gradients(of: of);
        pass.Backward(loss(pass), gradients);
        var found = new Dictionary<Tensor, float[]>(ReferenceEqualityComparer.Instance);
        foreach (var (_, parameter) in module.Parameters())
            if (gradients.TryGet(parameter, out var gradient)) found.Add(parameter, gradient.ToArray());
        Assert.Equal(gradients.Count, found.Count);
        return found;
    }

    private static float[] Numbers(Module module) => [.. module.Parameters().SelectMany(p => p.Value.ToArray())];

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b).Sum(p => Math.Pow((double)p.First - p.Second, 2)));

    private sealed class BodyAndHead : Module
    {
        public BodyAndHead(ulong seed = 1)
        {
            var random = new RandomSource(seed);
            (Body, Head) = (Add("body", new Linear(Width, 5, random)), Add("head", new Linear(5, 1, random)));
        }

        public Linear Body { get; }

        public Linear Head { get; }

        public Tensor Forward(Tensor x, Pass pass) => Head.Forward(pass.Tanh(Body.Forward(x, pass)), pass);
    }

    private sealed class Replayed(BodyAndHead net, int count) : ReplayedLoss
    {
        private readonly Tensor _x = Tensor.Zeros([count, Width]);

        public override void Fill(TrainingBatch batch) => Inputs(batch.First, batch.Count).Span.CopyTo(_x.Span);

        public override Tensor Build(Pass pass) => Loss(net, _x, pass);
    }

    /// <summary>The identity, which counts how often it is differentiated.</summary>
    private sealed class CountedIdentityOp : Operation
    {
        public int Walked { get; private set; }

        public override Shape[] Infer(ReadOnlySpan<Shape> inputs) => [inputs[0]];

        public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

        public override void Forward(Node node) => node.Input(0).CopyTo(node.Output());

        public override void Backward(Node node, BackwardStep gradients)
        {
            Walked++;
            gradients.Output.CopyTo(gradients.For(0));
        }
    }

    private sealed class Norms : ITrainingProgress
    {
        public List<double> Reported { get; } = [];

        public void Started(int firstStep, int steps)
        {
        }

        public void Stepped(TrainingReport report) => Reported.Add(report.GradientNorm);

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary)
        {
        }
    }
}
