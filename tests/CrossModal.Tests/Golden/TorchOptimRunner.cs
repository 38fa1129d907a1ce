using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>torch.optim with given gradients against our optimisers: weights and state after each step, the norm before clipping.</summary>
internal static class TorchOptimRunner
{
    private static readonly string[] Names = ["weight", "bias"];

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var parameters = Names.Select(n => new Parameter(n, golden.Tensor($"param/{n}"))).ToList();
        var (settings, spared) = (Settings(golden), golden.Flag("bias_weight_decay_zero"));
        var decay = golden.OptionalNumber("weight_decay") ?? settings.DefaultDecay;
        var groups = parameters.Select(p => new ParameterGroup([new(p.Name, p.Value)], p.Name == "bias" && spared ? 0 : decay)).ToList();
        var optimizer = settings.Create(groups, golden.Number("lr"));
        SchedulesRunner.Compare(golden, comparison, Schedule.Constant(), optimizer.LearningRate);
        var clip = golden.OptionalNumber("clip_grad_norm");
        for (var step = 1; step <= golden.Int("steps"); step++)
        {
            using var pass = Pass.Recording();
            using var gradients = Given(golden, parameters, step, pass);
            if (clip is { } most)
            {
                var norm = GradientClipping.ClipNorm(gradients, most);
                comparison.Values($"out64/step{step}/grad_norm_before_clip", [(float)norm],
                    golden.Tensor($"out64/step{step}/grad_norm_before_clip").Span, golden.Tolerance("outputs"));
            }

            optimizer.Step(gradients);
            foreach (var p in parameters) comparison.Tensor($"out/step{step}/{p.Name}", p.Value, "outputs");
            foreach (var (entry, state) in optimizer.ExportState())
            {
                var stored = $"state64/step{step}/{entry}";
                if (golden.Has(stored))
                    comparison.Values(stored, state.ToSingles(), golden.Tensor(stored).Span, golden.Tolerance("outputs"));
            }
        }
    }

    /// <summary>The stored gradients, as the gradients of Σ parameter · gradient, or of its negative where that sum is to grow.</summary>
    private static Gradients Given(GoldenCase golden, List<Parameter> parameters, int step, Pass pass)
    {
        var terms = parameters.Select(p => pass.Sum(pass.Multiply(p.Value, golden.Tensor($"in/step{step}/grad_{p.Name}"))));
        var sum = terms.Aggregate((a, b) => pass.Add(a, b));
        return pass.Backward(golden.Flag("maximize") ? pass.Scale(sum, -1) : sum);
    }

    /// <summary>The optimiser's options; one that its class does not take stays unread.</summary>
    private static OptimizerSettings Settings(GoldenCase golden)
    {
        var settings = new OptimizerSettings(golden.Text("optimizer"));
        return settings.Name == "SGD"
            ? settings with
            {
                Momentum = golden.OptionalNumber("momentum") ?? 0,
                Dampening = golden.OptionalNumber("dampening") ?? 0,
                Nesterov = golden.Flag("nesterov"),
            }
            : settings with
            {
                Betas = golden.OptionalNumbers("betas") ?? settings.Betas,
                Epsilon = golden.OptionalNumber("eps") ?? settings.Epsilon,
                AmsGrad = golden.Flag("amsgrad"),
            };
    }

    /// <summary>A parameter of its own: a module with nothing else.</summary>
    private sealed class Parameter : CrossModal.Layers.Module
    {
        public Parameter(string name, Tensor value) => (Name, Value) = (name, AddParameter(name, value));

        public string Name { get; }

        public Tensor Value { get; }
    }
}
