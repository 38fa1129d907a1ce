using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Golden;

/// <summary>A runner reads everything a case's configuration says, and a case that says more fails: shown on changed copies of the
/// fixtures' cases.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private static readonly string Fixtures = Path.Combine(ReferenceFolders.Fixtures, "golden");
    private readonly TemporaryFolder _folder = new();

    /// <summary>One case of each group.</summary>
    public static TheoryData<string> Groups =>
        [.. GoldenFolder.ReadIndex(Fixtures).Where(GoldenRun.IsBuilt).GroupBy(name => name[..name.IndexOf('/')]).Select(g => g.First())];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Groups))]
    public void A_configuration_that_says_more_than_a_runner_reads_fails_and_is_named(string name)
    {
        Assert.Equal("", Outcome(name));
        Assert.Contains("the configuration says 'surprise': 3, which", Outcome(name, ("surprise", "3")));
        Assert.Contains("'surprise': false", Outcome(name, ("surprise", "false")));
        Assert.Equal("", Outcome(name, ("surprise", "null")));
    }

    [Theory]
    [InlineData("torch_optim/sgd_momentum_wd", "nesterov", "false")]
    [InlineData("torch_optim/sgd_momentum_wd", "dampening", "0.0")]
    [InlineData("torch_optim/adam_l2_wd0.05", "amsgrad", "false")]
    [InlineData("torch_optim/adamw_amsgrad", "maximize", "false")]
    [InlineData("torch_optim/adamw_amsgrad", "eps", "1e-08")]
    [InlineData("schedules/cosine_warmup10_total100", "num_cycles", "0.5")]
    [InlineData("schedules/cosine_restarts3_warmup4_total60", "num_cycles", "3.0")]
    [InlineData("torchmultimodal/fusion_attention", "encoding_projection_dim", "16")]
    [InlineData("torchmultimodal/fusion_deepset_max_attention", "attention_dim", "5")]
    [InlineData("training/fusion2_cosine_30steps", "schedule", "\"cosine with warmup 5 of 30\"")]
    public void What_is_said_again_changes_nothing(string name, string key, string value) => Assert.Equal("", Outcome(name, (key, value)));

    [Theory]
    [InlineData("torch_optim/sgd_momentum_wd", "nesterov", "true")]
    [InlineData("torch_optim/sgd_momentum_wd", "dampening", "0.5")]
    [InlineData("torch_optim/sgd_momentum_wd", "momentum", "0.8")]
    [InlineData("torch_optim/adamw_amsgrad", "amsgrad", "false")]
    [InlineData("torch_optim/adam_l2_wd0.05", "betas", "[0.8, 0.999]")]
    [InlineData("torch_optim/adamw_amsgrad", "maximize", "true")]
    [InlineData("schedules/cosine_warmup10_total100", "num_cycles", "1")]
    [InlineData("schedules/cosine_restarts3_warmup4_total60", "num_cycles", "2")]
    [InlineData("schedules/linear_warmup5_total50", "num_warmup_steps", "6")]
    [InlineData("torchmultimodal/fusion_attention", "encoding_projection_dim", "17")]
    [InlineData("torchmultimodal/fusion_deepset_max_attention", "pool", "\"min\"")]
    [InlineData("training/fusion2_cosine_30steps", "schedule", "\"cosine with warmup 6 of 30\"")]
    [InlineData("training/fusion2_cosine_30steps", "schedule", "\"constant\"")]
    [InlineData("training/fusion2_cosine_30steps", "optimizer", "\"AdamW betas (0.9, 0.9) eps 1e-8\"")]
    [InlineData("training/fusion2_cosine_30steps", "optimizer", "\"AdamW betas (0.9, 0.98) eps 1e-3\"")]
    [InlineData("training/fusion2_cosine_30steps", "optimizer", "\"SGD momentum 0.9 nesterov\"")]
    [InlineData("training/fusion2_cosine_30steps", "optimizer", "\"AdamW betas (0.9, 0.98) eps 1e-8 fused\"")]
    [InlineData("torch_mha/bias_kv_zero_attn_b2_l5_v8_d32_h4", "batch", "3")]
    [InlineData("torch_mha/bias_kv_zero_attn_b2_l5_v8_d32_h4", "scale", "\"1/head_dim\"")]
    [InlineData("torch_layers/encoder_pre_relu_padded_b3_l9_d48_h4", "dropout", "0.1")]
    [InlineData("torch_ops/avg_pool2d_k2_8x8", "ceil_mode", "true")]
    [InlineData("torch_ops/cosine_similarity", "dim", "0")]
    public void Every_value_is_read(string name, string key, string value) => Assert.NotEqual("", Outcome(name, (key, value)));

    [Fact]
    public void Optimisers_are_read_from_text()
    {
        Assert.Equivalent(new OptimizerSettings("AdamW") { Betas = [0.8, 0.98], Epsilon = 1e-6, AmsGrad = true },
            OptimizerSettings.Parse("AdamW betas (0.8, 0.98) eps 1e-6 amsgrad"));
        Assert.Equivalent(new OptimizerSettings("SGD") { Momentum = 0.9, Nesterov = true },
            OptimizerSettings.Parse("SGD momentum 0.9 nesterov"));
        Assert.Equivalent(new OptimizerSettings("SGD") { Momentum = 0.5, Dampening = 0.25 },
            OptimizerSettings.Parse("SGD momentum 0.5 dampening 0.25"));
        Assert.Equivalent(new OptimizerSettings("Adam"), OptimizerSettings.Parse("Adam"));
    }

    [Theory]
    [InlineData("get_constant_schedule", "{}", new[] { 1, 1, 1, 1.0 })]
    [InlineData("get_constant_schedule", """{"num_training_steps": 3}""", new[] { 1, 1, 1, 1.0 })]
    [InlineData("get_constant_schedule_with_warmup", """{"num_warmup_steps": 2, "num_training_steps": null}""", new[] { 0, 0.5, 1, 1 })]
    [InlineData("get_cosine_schedule_with_warmup", """{"num_warmup_steps": 0, "num_training_steps": 4, "num_cycles": 1}""", new[] { 1, 0.5, 0, 0.5, 1 })]
    [InlineData("get_cosine_schedule_with_warmup", """{"num_warmup_steps": 3, "num_training_steps": 2, "num_cycles": 2}""", new[] { 0, 1 / 3.0, 2 / 3.0, 1, 1 })]
    [InlineData("get_polynomial_decay_schedule_with_warmup", """{"num_training_steps": 2, "power": 2, "lr_end": 0.0001}""", new[] { 1, 0.2875, 0.05, 0.05 })]
    public void Schedules_of_every_configuration_are_run(string function, string config, double[] factors)
    {
        const double Rate = 0.002;
        var manifest = (JsonObject)JsonNode.Parse("{}")!;
        manifest["reference"] = new JsonObject { ["class"] = $"transformers.optimization.{function}" };
        manifest["config"] = JsonNode.Parse(config);
        manifest["config"]!["base_lr"] = Rate;
        Directory.CreateDirectory(_folder["schedules"]);
        File.WriteAllText(_folder["schedules", "made.json"], manifest.ToJsonString());
        SafeTensors.Write(_folder["schedules", "made.safetensors"],
            [new("out64/lr", StoredArray.From([.. factors.Select(f => f * Rate)], factors.Length))]);
        Assert.Equal("", GoldenRun.Run(_folder.Path, "schedules/made"));
    }

    /// <summary>What is wrong with a copy of a fixture whose configuration says something else.</summary>
    private string Outcome(string name, params ReadOnlySpan<(string Key, string Value)> changes)
    {
        var (from, to) = (Path.Combine(Fixtures, name), _folder[name]);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var manifest = JsonNode.Parse(File.ReadAllText(from + ".json"))!;
        foreach (var (key, value) in changes) manifest["config"]![key] = JsonNode.Parse(value);
        File.WriteAllText(to + ".json", manifest.ToJsonString());
        File.Copy(from + ".safetensors", to + ".safetensors", overwrite: true);
        return GoldenRun.Run(_folder.Path, name);
    }
}
