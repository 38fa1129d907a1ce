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
        var decay = golden.Number("weight_decay");
        var optimizer = Create(golden,
            [.. parameters.Select(p => new ParameterGroup([new(p.Name, p.Value)], p.Name == "bias" && golden.Flag("bias_weight_decay_zero") ? 0 : decay))]);
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
            foreach (var (name, state) in optimizer.ExportState())
            {
                var stored = $"state64/step{step}/{name}";
                if (golden.Has(stored)) comparison.Values(stored, state.ToSingles(), golden.Tensor(stored).Span, golden.Tolerance("outputs"));
            }
        }
    }

    /// <summary>The stored gradients, as the gradients of Σ parameter · gradient.</summary>
    private static Gradients Given(GoldenCase golden, List<Parameter> parameters, int step, Pass pass)
    {
        var terms = parameters.Select(p => pass.Sum(pass.Multiply(p.Value, golden.Tensor($"in/step{step}/grad_{p.Name}"))));
        return pass.Backward(terms.Aggregate((a, b) => pass.Add(a, b)));
    }

    private static Optimizer Create(GoldenCase golden, ParameterGroup[] groups)
    {
        var rate = golden.Number("lr");
        var (beta1, beta2) = golden.OptionalNumbers("betas") is { } betas ? (betas[0], betas[1]) : (0.9, 0.999);
        var epsilon = golden.OptionalNumber("eps") ?? 1e-8;
        return golden.Text("optimizer") switch
        {
            "AdamW" => new AdamW(groups, rate, beta1, beta2, epsilon, golden.Flag("amsgrad")),
            "Adam" => new Adam(groups, rate, beta1, beta2, epsilon),
            "SGD" => new Sgd(groups, rate, golden.Number("momentum")),
            var other => throw new InvalidDataException($"{golden.Name}: no optimiser is '{other}'"),
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
