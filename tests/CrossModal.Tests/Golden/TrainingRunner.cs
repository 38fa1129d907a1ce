using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>A whole training run of the tutorial's network: loss and gradient norm of each step, weights at the end.</summary>
internal static class TrainingRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        // The optimiser's and schedule's constants stand in the manifest as text.
        comparison.That(golden.Text("optimizer") == "AdamW betas (0.9, 0.98) eps 1e-8", "another optimiser");
        comparison.That(golden.Text("schedule").StartsWith("cosine with warmup 5 of 30", StringComparison.Ordinal), "another schedule");
        comparison.That(golden.Text("weight_decay_on") == "parameters with 2 or more dimensions only", "another choice of weight decay");
        var steps = golden.Int("steps");
        var model = new Classifier(golden);
        var parameters = new ParameterMap(golden, model, TutorialRunner.NetworkRules);
        parameters.Load();
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(model, golden.Number("weight_decay")), golden.Number("lr"), 0.9, 0.98);
        var schedule = Schedule.Cosine(5, steps);
        SchedulesRunner.Compare(golden, comparison, schedule, golden.Number("lr"));
        var (losses, norms) = (new float[steps], new float[steps]);
        for (var step = 0; step < steps; step++)
        {
            var batch = $"in/batch{step % 2}/";
            using var pass = Pass.Training(new RandomSource(1));
            var logits = model.Forward(golden.Tensor(batch + "language"), golden.Tensor(batch + "visual"), pass);
            var loss = pass.CrossEntropy(logits, golden.Tensor(batch + "target"), smoothing: (float)golden.Number("label_smoothing"));
            losses[step] = loss.Item();
            using var gradients = pass.Backward(loss);
            norms[step] = (float)GradientClipping.ClipNorm(gradients, golden.Number("clip_grad_norm"));
            optimizer.Step(gradients, schedule.Factor(step));
        }

        comparison.Output("loss", Tensor.From(losses, [steps]));
        comparison.Output("grad_norm", Tensor.From(norms, [steps]));
        foreach (var (parameter, stored, _) in parameters.Entries)
        {
            var name = $"final64/{stored}";
            if (Conventions.Reason(golden.Name, name) is null)
                comparison.Values(name, parameter.Span, golden.Tensor(name).Span, Conventions.Tolerance(golden, "final"));
        }
    }

    /// <summary>The network, the mean over words, a linear layer.</summary>
    private sealed class Classifier : Module
    {
        private readonly TextbookNetwork _fusion;
        private readonly Linear _classifier;

        public Classifier(GoldenCase golden)
        {
            var random = new RandomSource(1);
            var options = TutorialRunner.Options(golden, golden.Int("num_layers"), golden.Int("mlp_dim"));
            _fusion = Add("fusion", new TextbookNetwork(options, random, TutorialRunner.Activation(golden)));
            _classifier = Add("classifier", new Linear(options.Width, golden.Int("classes"), random));
        }

        public Tensor Forward(Tensor language, Tensor vision, Pass pass) =>
            _classifier.Forward(_fusion.Forward(new Tokens(language), new Tokens(vision), pass).Fused.Mean(pass), pass);
    }
}
