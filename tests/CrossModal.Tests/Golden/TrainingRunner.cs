using System.Globalization;
using System.Text.RegularExpressions;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>A whole training run of the tutorial's network: loss and gradient norm of each step, weights at the end.</summary>
internal static partial class TrainingRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        comparison.States("model", "CrossModalFusionNetwork (tutorial group) -> mean over language tokens -> Linear");
        comparison.States("batch", golden.Stored("in/batch0/language").Shape[0]);
        comparison.States("num_lang_tokens", golden.Stored("in/batch0/language").Shape[1]);
        comparison.States("num_visual_tokens", golden.Stored("in/batch0/visual").Shape[1]);
        var steps = golden.Int("steps");
        var model = new Classifier(golden);
        var parameters = new ParameterMap(golden, model, TutorialRunner.NetworkRules);
        parameters.Load();
        var (optimizer, schedule) = (OptimizerOf(golden, model), ScheduleOf(golden, steps));
        SchedulesRunner.Compare(golden, comparison, schedule, golden.Number("lr"));
        var batches = golden.Under("in/").Select(name => name[..name.IndexOf('/')]).Distinct().Count();
        var (smoothing, clip) = ((float)(golden.OptionalNumber("label_smoothing") ?? 0),
            golden.OptionalNumber("clip_grad_norm") ?? double.MaxValue);
        var (losses, norms) = (new float[steps], new float[steps]);
        for (var step = 0; step < steps; step++)
        {
            var batch = $"in/batch{step % batches}/";
            using var pass = Pass.Training(new RandomSource(1));
            var logits = model.Forward(golden.Tensor(batch + "language"), golden.Tensor(batch + "visual"), pass);
            var loss = pass.CrossEntropy(logits, golden.Tensor(batch + "target"), smoothing: smoothing);
            losses[step] = loss.Item();
            using var gradients = pass.Backward(loss);
            norms[step] = (float)GradientClipping.ClipNorm(gradients, clip);
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

    /// <summary>The optimiser, which stands in the manifest as text.</summary>
    private static Optimizer OptimizerOf(GoldenCase golden, Module model)
    {
        var settings = OptimizerSettings.Parse(golden.Text("optimizer"));
        var decay = golden.OptionalNumber("weight_decay") ?? settings.DefaultDecay;
        var groups = golden.OptionalText("weight_decay_on") switch
        {
            "parameters with 2 or more dimensions only" => ParameterGroups.WithoutDecayOnVectors(model, decay),
            null or "all parameters" => ParameterGroups.All(model, decay),
            var other => throw new InvalidDataException($"{golden.Name}: 'weight_decay_on' is '{other}', which is not read"),
        };
        return settings.Create(groups, golden.Number("lr"));
    }

    /// <summary>The schedule, as text: "cosine with warmup 5 of 30 (…)", "constant with warmup 5", "linear of 30".</summary>
    private static Schedule ScheduleOf(GoldenCase golden, int steps)
    {
        var stated = ScheduleText().Match(golden.Text("schedule"));
        if (!stated.Success) throw new InvalidDataException($"{golden.Name}: 'schedule' is '{golden.Text("schedule")}', which is not read");
        var (warmUp, total) = (Number(2, 0), Number(3, steps));
        return stated.Groups[1].Value switch
        {
            "cosine" => Schedule.Cosine(warmUp, total),
            "linear" => Schedule.Linear(warmUp, total),
            _ => Schedule.Constant(warmUp),
        };

        int Number(int group, int otherwise) =>
            stated.Groups[group] is { Success: true } found ? int.Parse(found.Value, CultureInfo.InvariantCulture) : otherwise;
    }

    [GeneratedRegex(@"^(cosine|linear|constant)(?: with warmup (\d+))?(?: of (\d+))?(?: \(.*\))?$")]
    private static partial Regex ScheduleText();

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
