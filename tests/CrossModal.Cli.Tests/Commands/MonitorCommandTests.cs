using System.Text.Json;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Explain.Monitor;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

public sealed class MonitorCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_policy_that_never_succeeds_gets_no_monitor_and_is_told_why()
    {
        var checkpoint = TabletopPolicies.Save(_folder["policy"]);
        var run = ToolRun.Of("monitor", "fit", "--checkpoint", checkpoint, "--episodes", "2");
        Assert.Equal(2, run.ExitCode);
        Assert.EndsWith("a monitor is trained on episodes that succeed and episodes that fail; there is only one kind",
            run.Error.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("recorded pick, words-garbled: 0 of 2 succeed", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(checkpoint, MonitorFile.Name)));
    }

    [Fact]
    public void Evaluate_needs_a_monitor_and_a_wrong_word_is_named()
    {
        var checkpoint = TabletopPolicies.Save(_folder["policy"]);
        Assert.Contains("monitor.safetensors: is missing", ToolRun.Of("monitor", "evaluate", "--checkpoint", checkpoint).Error,
            StringComparison.Ordinal);
        Assert.Contains("did you mean fit?", ToolRun.Of("monitor", "fitt", "--checkpoint", checkpoint).Error, StringComparison.Ordinal);
        Assert.Contains("--effect-every means nothing",
            ToolRun.Of("monitor", "evaluate", "--effect-every", "8", "--checkpoint", checkpoint).Error, StringComparison.Ordinal);
        Assert.Contains("--alpha means nothing", ToolRun.Of("monitor", "evaluate", "--alpha", "0.2", "--checkpoint", checkpoint).Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void Evaluate_says_what_the_monitor_beside_the_policy_makes_of_other_episodes(int effectEvery)
    {
        var checkpoint = Watched(effectEvery);
        var run = ToolRun.Of("monitor", "evaluate", "--checkpoint", checkpoint, "--episodes", "2", "--json", _folder["e.json"]);
        Assert.Equal(0, run.ExitCode);
        var json = JsonDocument.Parse(File.ReadAllText(_folder["e.json"])).RootElement;

        // Every episode of this policy fails, and its monitor says so at once.
        Assert.Equal(0, json.GetProperty("successes").GetInt32());
        Assert.Equal(1, json.GetProperty("stopped").GetProperty("words-withheld").GetDouble());
        Assert.Contains("failures stopped, stuck-gripper: 100.0 %", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_prints_what_the_policy_would_do_under_another_instruction_and_what_its_monitor_says()
    {
        var checkpoint = Watched();
        Directory.CreateDirectory(_folder["frames"]);
        var picture = new RgbImage(64, 64);
        new Random(1).NextBytes(picture.Pixels);
        Png.Write(_folder["frames/0.png"], picture);
        var run = ToolRun.Of("run", "--checkpoint", checkpoint, "--images", _folder["frames"], "--instruction", "pick up the red cup",
            "--state", "0,0,0.1,0.076,0", "--against", "push the blue cube", "pick up the red cup", "--json", _folder["run.json"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("would be the same under \"pick up the red cup\": 0.000 σ, 0.0× noise", run.Output, StringComparison.Ordinal);
        Assert.Contains("under \"push the blue cube\": ", run.Output, StringComparison.Ordinal);
        Assert.Contains("risk 0.88 STOP", run.Output, StringComparison.Ordinal);
        var json = JsonDocument.Parse(File.ReadAllText(_folder["run.json"])).RootElement;
        using var policy = Policy.Load(checkpoint);
        policy.SetInstruction("pick up the red cup");
        policy.Compare("push the blue cube");
        var decision = policy.Act(new Observation(picture) { State = [0, 0, 0.1f, 0.076f, 0] });
        Assert.Equal(decision.Counterfactuals[0].Effect, json.GetProperty("counterfactuals")[0][0].GetProperty("effect").GetSingle(),
            1e-5f);
        Assert.True(json.GetProperty("counterfactuals")[0][0].GetProperty("overNoise").GetDouble() > 0);
        Assert.True(json.GetProperty("monitor")[0].GetProperty("stop").GetBoolean());
    }

    /// <summary>A policy whose monitor gives every step the logit 2.</summary>
    private string Watched(int effectEvery = 32)
    {
        var checkpoint = TabletopPolicies.Save(_folder["policy"]);
        var layout = StepSignals.LayoutOf(PolicyFolder.Load(checkpoint), 1, effectEvery);
        var inputs = MonitorWindow.InputsOf(layout);
        var network = new MonitorNetwork(new float[inputs], new float[inputs], [new float[inputs]], [[2f]]);
        new MonitorFile(layout, network, 0.8f, 0.1, 40).Save(checkpoint);
        return checkpoint;
    }
}
