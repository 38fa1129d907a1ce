using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Golden;

/// <summary>Single torch functions against our operations.</summary>
internal static class TorchOpsRunner
{
    private static readonly Dictionary<string, Action<GoldenCase, ModuleRun>> Functions = new()
    {
        ["torch.nn.functional: gelu_exact"] = Activation((run, x) => run.Pass.Gelu(x)),
        ["torch.nn.functional: gelu_tanh"] = Activation((run, x) => run.Pass.GeluTanh(x)),
        ["torch.nn.functional: quick_gelu"] = Activation((run, x) => run.Pass.QuickGelu(x)),
        ["torch.nn.functional: relu"] = Activation((run, x) => run.Pass.Relu(x)),
        ["torch.nn.functional: sigmoid"] = Activation((run, x) => run.Pass.Sigmoid(x)),
        ["torch.nn.functional: silu"] = Activation((run, x) => run.Pass.Silu(x)),
        ["torch.nn.functional: tanh"] = Activation((run, x) => run.Pass.Tanh(x)),
        ["torch.nn.functional.normalize"] = (c, run) => run.Output("output", run.Pass.L2Normalize(run.Input("x"), (float)c.Number("eps"))),
        ["torch.softmax"] = (c, run) => run.Output("output", run.Pass.Softmax(run.Input("x"), c.Int("dim"))),
        ["torch.log_softmax"] = (c, run) => run.Output("output", run.Pass.LogSoftmax(run.Input("x"), c.Int("dim"))),
        ["torch.nn.functional.adaptive_avg_pool2d"] =
            (c, run) => run.Output("output", run.Pass.AdaptiveAvgPool2d(run.Input("x"), c.Ints("output_size")[0], c.Ints("output_size")[1])),
        ["torch.nn.functional.avg_pool1d over the token axis"] = (c, run) => run.Output("output", run.Pass.AvgPool1d(run.Input("x"), c.Int("kernel"))),
        ["torch.nn.functional.avg_pool2d"] = (c, run) => run.Output("output", run.Pass.AvgPool2d(run.Input("x"), c.Int("kernel"), c.Int("stride"))),
        ["torch.nn.functional.interpolate(mode=bilinear, align_corners=False)"] =
            (c, run) => run.Output("output", run.Pass.Resize(run.Input("x"), c.Ints("size")[0], c.Ints("size")[1], ResizeMode.Bilinear)),
        ["torch.nn.functional.interpolate(mode=nearest)"] = Nearest,
        ["torch.nn.functional.layer_norm"] = (c, run) => run.Output("output",
            run.Pass.LayerNorm(run.Input("x"), run.Parameter("weight"), run.Parameter("bias"), (float)c.Number("eps"))),
        ["torch.nn.functional.linear"] =
            (_, run) => run.Output("output", run.Pass.Linear(run.Input("x"), run.Parameter("weight")!, run.Parameter("bias"))),
        ["torch.nn.functional.embedding"] = (_, run) => run.Output("output", run.Pass.Embedding(run.Parameter("weight")!, run.Input("ids"))),
        ["torch.nn.functional.conv2d"] = Convolution,
        ["torch.nn.functional.cross_entropy"] = CrossEntropy,
        ["torch.nn.functional.mse_loss"] =
            (c, run) => run.Output("output", run.Pass.MeanSquaredError(run.Input("x"), run.Input("y"), Reduction(c))),
        ["torch.nn.functional.smooth_l1_loss"] =
            (c, run) => run.Output("output", run.Pass.SmoothL1(run.Input("x"), run.Input("y"), (float)c.Number("beta"), Reduction(c))),
        ["torch.nn.functional.binary_cross_entropy_with_logits"] =
            (c, run) => run.Output("output", run.Pass.BinaryCrossEntropy(run.Input("x"), run.Input("y"), reduction: Reduction(c))),
        ["torch.nn.functional.cosine_similarity"] =
            (c, run) => run.Output("output", run.Pass.CosineSimilarity(run.Input("x"), run.Input("y"), (float)c.Number("eps"))),
        ["symmetric InfoNCE as in CLIP, written with torch functions"] = InfoNce,
    };

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        if (!Functions.TryGetValue(golden.Class, out var function)) throw new InvalidDataException($"{golden.Name}: no operation is '{golden.Class}'");
        using var run = new ModuleRun(golden, comparison);
        function(golden, run);
        run.Backward();
    }

    private static Action<GoldenCase, ModuleRun> Activation(Func<ModuleRun, Tensor, Tensor> function) =>
        (_, run) => run.Output("output", function(run, run.Input("x")));

    private static void Nearest(GoldenCase golden, ModuleRun run)
    {
        var (x, scale) = (run.Input("x"), golden.Int("scale"));
        run.Output("output", run.Pass.Resize(x, scale * x.Shape[2], scale * x.Shape[3], ResizeMode.Nearest));
    }

    private static void Convolution(GoldenCase golden, ModuleRun run)
    {
        var map = run.Pass.Conv2d(run.Input("x"), run.Parameter("weight")!, run.Parameter("bias"), golden.Int("stride"), golden.Int("padding"));
        run.Output("output", map);
        run.Output("tokens", Layers.TokenGrids.ToTokens(run.Pass, map));
    }

    private static void CrossEntropy(GoldenCase golden, ModuleRun run) => run.Output("output", run.Pass.CrossEntropy(
        run.Input("logits"), run.Input("target"), golden.Flag("weighted") ? run.Input("class_weight") : null,
        (float)golden.Number("label_smoothing"), golden.Int("ignore_index"), Reduction(golden)));

    private static void InfoNce(GoldenCase golden, ModuleRun run)
    {
        var (loss, logits) = run.Pass.InfoNce(run.Input("text"), run.Input("image"), run.Parameter("logit_scale")!);
        run.Output("loss", loss);
        run.Output("logits_per_text", logits);
    }

    private static LossReduction Reduction(GoldenCase golden) => golden.Text("reduction") switch
    {
        "mean" => LossReduction.Mean,
        "sum" => LossReduction.Sum,
        "none" => LossReduction.None,
        var other => throw new InvalidDataException($"{golden.Name}: no reduction '{other}'"),
    };
}
