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
        var (name, spared) = (golden.Text("optimizer"), golden.Flag("bias_weight_decay_zero"));
        var decay = golden.OptionalNumber("weight_decay") ?? (name == "AdamW" ? 0.01 : 0);
        var optimizer = Create(golden, name, [.. parameters.Select(p => new ParameterGroup([new(p.Name, p.Value)], p.Name == "bias" && spared ? 0 : decay))]);
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
                if (golden.Has(stored)) comparison.Values(stored, state.ToSingles(), golden.Tensor(stored).Span, golden.Tolerance("outputs"));
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

    /// <summary>The optimiser a configuration names with the options it gives; the defaults are torch's.</summary>
    private static Optimizer Create(GoldenCase golden, string name, ParameterGroup[] groups)
    {
        var rate = golden.Number("lr");
        if (name == "SGD")
            return new Sgd(groups, rate, golden.OptionalNumber("momentum") ?? 0, golden.OptionalNumber("dampening") ?? 0, golden.Flag("nesterov"));
        var betas = golden.OptionalNumbers("betas") ?? [0.9, 0.999];
        var (epsilon, amsGrad) = (golden.OptionalNumber("eps") ?? 1e-8, golden.Flag("amsgrad"));
        return name switch
        {
            "AdamW" => new AdamW(groups, rate, betas[0], betas[1], epsilon, amsGrad),
            "Adam" => new Adam(groups, rate, betas[0], betas[1], epsilon, amsGrad),
            _ => throw new InvalidDataException($"{golden.Name}: no optimiser is '{name}'"),
        };
    }

    /// <summary>A parameter of its own: a module with nothing else.</summary>
    private sealed class Parameter : Layers.Module
    {
        public Parameter(string name, Tensor value) => (Name, Value) = (name, AddParameter(name, value));

        public string Name { get; }

        public Tensor Value { get; }
    }
}
