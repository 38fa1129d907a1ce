using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Golden;

/// <summary>Single torch functions against our operations.</summary>
internal static class TorchOpsRunner
{
    private static readonly Dictionary<string, Action<GoldenCase, Comparison, ModuleRun>> Functions = new()
    {
        ["torch.nn.functional: gelu_exact"] = Activation((run, x) => run.Pass.Gelu(x)),
        ["torch.nn.functional: gelu_tanh"] = Activation((run, x) => run.Pass.GeluTanh(x)),
        ["torch.nn.functional: quick_gelu"] = Activation((run, x) => run.Pass.QuickGelu(x)),
        ["torch.nn.functional: relu"] = Activation((run, x) => run.Pass.Relu(x)),
        ["torch.nn.functional: sigmoid"] = Activation((run, x) => run.Pass.Sigmoid(x)),
        ["torch.nn.functional: silu"] = Activation((run, x) => run.Pass.Silu(x)),
        ["torch.nn.functional: tanh"] = Activation((run, x) => run.Pass.Tanh(x)),
        ["torch.nn.functional.normalize"] = L2Normalize,
        ["torch.softmax"] = (c, _, run) => run.Output("output", run.Pass.Softmax(run.Input("x"), c.Int("dim"))),
        ["torch.log_softmax"] = (c, _, run) => run.Output("output", run.Pass.LogSoftmax(run.Input("x"), c.Int("dim"))),
        ["torch.nn.functional.adaptive_avg_pool2d"] =
            (c, _, run) => run.Output("output", run.Pass.AdaptiveAvgPool2d(run.Input("x"), c.Ints("output_size")[0],
                c.Ints("output_size")[1])),
        ["torch.nn.functional.avg_pool1d over the token axis"] = AveragePool1d,
        ["torch.nn.functional.avg_pool2d"] = AveragePool2d,
        ["torch.nn.functional.interpolate(mode=bilinear, align_corners=False)"] = Interpolate(ResizeMode.Bilinear),
        ["torch.nn.functional.interpolate(mode=nearest)"] = Interpolate(ResizeMode.Nearest),
        ["torch.nn.functional.layer_norm"] = LayerNorm,
        ["torch.nn.functional.linear"] = Linear,
        ["torch.nn.functional.embedding"] = Embedding,
        ["torch.nn.functional.conv2d"] = Convolution,
        ["torch.nn.functional.cross_entropy"] = CrossEntropy,
        ["torch.nn.functional.mse_loss"] =
            (c, _, run) => run.Output("output", run.Pass.MeanSquaredError(run.Input("x"), run.Input("y"), Reduction(c))),
        ["torch.nn.functional.smooth_l1_loss"] = (c, _, run) =>
            run.Output("output", run.Pass.SmoothL1(run.Input("x"), run.Input("y"), (float)(c.OptionalNumber("beta") ?? 1), Reduction(c))),
        ["torch.nn.functional.binary_cross_entropy_with_logits"] =
            (c, _, run) => run.Output("output", run.Pass.BinaryCrossEntropy(run.Input("x"), run.Input("y"), reduction: Reduction(c))),
        ["torch.nn.functional.cosine_similarity"] = CosineSimilarity,
        ["symmetric InfoNCE as in CLIP, written with torch functions"] = InfoNce,
    };

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        if (!Functions.TryGetValue(golden.Class, out var function))
            throw new InvalidDataException($"{golden.Name}: no operation is '{golden.Class}'");
        using var run = new ModuleRun(golden, comparison);
        function(golden, comparison, run);
        run.Backward();
    }

    private static Action<GoldenCase, Comparison, ModuleRun> Activation(Func<ModuleRun, Tensor, Tensor> function) =>
        (golden, comparison, run) =>
    {
        comparison.States("activation", golden.Class[(golden.Class.LastIndexOf(' ') + 1)..]);
        run.Output("output", function(run, run.Input("x")));
    };

    private static void L2Normalize(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("p", 2);
        var (x, order) = DimensionLast(golden, run, "x");
        var normalized = run.Pass.L2Normalize(x, (float)(golden.OptionalNumber("eps") ?? 1e-12));
        run.Output("output", run.Pass.Permute(normalized, [.. Enumerable.Range(0, order.Length)
            .Select(axis => Array.IndexOf(order, axis))]));
    }

    private static void CosineSimilarity(GoldenCase golden, Comparison comparison, ModuleRun run) =>
        run.Output("output", run.Pass.CosineSimilarity(
        DimensionLast(golden, run, "x").Value, DimensionLast(golden, run, "y").Value, (float)(golden.OptionalNumber("eps") ?? 1e-8)));

    /// <summary>An input with the axis that the configuration calls "dim" moved to the end, and the order of its axes then; torch's default
    /// is 1.</summary>
    private static (Tensor Value, int[] Order) DimensionLast(GoldenCase golden, ModuleRun run, string name)
    {
        var x = run.Input(name);
        var dimension = (golden.OptionalInt("dim") ?? 1) is var given && given < 0 ? given + x.Shape.Rank : given;
        int[] order = [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != dimension), dimension];
        return (run.Pass.Permute(x, order), order);
    }

    private static void AveragePool1d(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("stride", golden.Int("kernel"));
        run.Output("output", run.Pass.AvgPool1d(run.Input("x"), golden.Int("kernel")));
    }

    private static void AveragePool2d(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("ceil_mode", false);
        comparison.States("padding", 0);
        run.Output("output", run.Pass.AvgPool2d(run.Input("x"), golden.Int("kernel"), golden.OptionalInt("stride")));
    }

    private static Action<GoldenCase, Comparison, ModuleRun> Interpolate(ResizeMode mode) => (golden, _, run) =>
    {
        var x = run.Input("x");
        int[] size = golden.OptionalInt("scale") is { } scale ? [scale * x.Shape[2], scale * x.Shape[3]] : golden.Ints("size");
        run.Output("output", run.Pass.Resize(x, size[0], size[1], mode));
    };

    private static void LayerNorm(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("affine", run.Parameter("weight") is not null);
        var (x, shape) = (run.Input("x"), golden.Ints("normalized_shape"));
        comparison.That(x.Shape.Sizes[^shape.Length..].SequenceEqual(shape), $"'normalized_shape' is not the end of {x.Shape}");

        // Several axes are normalised as one.
        var size = shape.Aggregate(1, (a, b) => a * b);
        var normalized = run.Pass.LayerNorm(run.Pass.Reshape(x, [x.Shape.Length / size, size]), Flat("weight"), Flat("bias"),
            (float)(golden.OptionalNumber("eps") ?? 1e-5));
        run.Output("output", run.Pass.Reshape(normalized, x.Shape));

        Tensor? Flat(string name) => run.Parameter(name) is { } parameter ? run.Pass.Reshape(parameter, [size]) : null;
    }

    private static void Linear(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var (weight, bias) = (run.Parameter("weight")!, run.Parameter("bias"));
        comparison.States("out", weight.Shape[0]);
        comparison.States("in", weight.Shape[1]);
        comparison.States("bias", bias is not null);
        run.Output("output", run.Pass.Linear(run.Input("x"), weight, bias));
    }

    private static void Embedding(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var weight = run.Parameter("weight")!;
        comparison.States("num_embeddings", weight.Shape[0]);
        comparison.States("dim", weight.Shape[1]);
        run.Output("output", run.Pass.Embedding(weight, run.Input("ids")));
    }

    private static void Convolution(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var (x, weight, bias) = (run.Input("x"), run.Parameter("weight")!, run.Parameter("bias"));
        comparison.States("out_channels", weight.Shape[0]);
        comparison.States("in_channels", weight.Shape[1]);
        comparison.States("kernel", weight.Shape[2]);
        comparison.States("bias", bias is not null);
        comparison.That(golden.OptionalInts("image") is not { } image || x.Shape.Sizes[2..].SequenceEqual(image),
            $"'image' is not the size of {x.Shape}");
        var map = run.Pass.Conv2d(x, weight, bias, golden.OptionalInt("stride") ?? 1, golden.OptionalInt("padding") ?? 0);
        run.Output("output", map);
        run.Output("tokens", CrossModal.Layers.TokenGrids.ToTokens(run.Pass, map));
    }

    private static void CrossEntropy(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("weighted", golden.Has("in/class_weight"));
        run.Output("output", run.Pass.CrossEntropy(
            run.Input("logits"), run.Input("target"), golden.Has("in/class_weight") ? run.Input("class_weight") : null,
            (float)(golden.OptionalNumber("label_smoothing") ?? 0), golden.OptionalInt("ignore_index") ?? -100, Reduction(golden)));
    }

    private static void InfoNce(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var (loss, logits) = run.Pass.InfoNce(run.Input("text"), run.Input("image"), run.Parameter("logit_scale")!);
        run.Output("loss", loss);
        run.Output("logits_per_text", logits);
    }

    private static LossReduction Reduction(GoldenCase golden) => golden.OptionalText("reduction") switch
    {
        null or "mean" => LossReduction.Mean,
        "sum" => LossReduction.Sum,
        "none" => LossReduction.None,
        var other => throw new InvalidDataException($"{golden.Name}: no reduction '{other}'"),
    };
}
